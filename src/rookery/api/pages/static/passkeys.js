// Between a page's form and the browser's passkeys: asks the server what to ask, and sends what the device answers.
// A form with data-passkey="create" or "get" names in data-ask where the question comes from; its answer goes the
// form's own way, so the server needs no other protection against forged requests than for every other form.

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const known = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

async function created(question) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...question,
      challenge: bytes(question.challenge),
      user: { ...question.user, id: bytes(question.user.id) },
      excludeCredentials: known(question.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function proved(question) {
  const proof = await navigator.credentials.get({
    publicKey: {
      ...question,
      challenge: bytes(question.challenge),
      allowCredentials: known(question.allowCredentials),
    },
  });
  return {
    id: proof.id,
    rawId: text(proof.rawId),
    type: proof.type,
    response: {
      clientDataJSON: text(proof.response.clientDataJSON),
      authenticatorData: text(proof.response.authenticatorData),
      signature: text(proof.response.signature),
      userHandle: proof.response.userHandle ? text(proof.response.userHandle) : null,
    },
  };
}

async function asked(form) {
  const answer = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.headers.get("content-type")?.startsWith("application/json")) {
    throw new Error("The server could not be asked; reload the page and try again.");
  }
  const question = await answer.json();
  if (question.error) throw new Error(question.error.replace("Validation failed: ", ""));
  return question;
}

function sentence(error) {
  if (error.name === "NotAllowedError") return "Nothing was done: the device was not unlocked, or has no passkey for this site.";
  if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
  return error.message || "That did not work; try again.";
}

async function answer(form) {
  const button = form.querySelector("button");
  const problem = form.querySelector("[data-problem]");
  button.disabled = true;
  problem.hidden = true;
  try {
    const question = await asked(form);
    const reply = form.dataset.passkey === "create" ? await created(question) : await proved(question);
    form.elements.answer.value = JSON.stringify(reply);
    form.submit();
  } catch (error) {
    problem.textContent = sentence(error);
    problem.hidden = false;
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(form);
  });
}
for (const note of document.querySelectorAll("[data-without-passkeys]")) note.hidden = Boolean(window.PublicKeyCredential);
