/** The one way from strings to what a browser runs or reads as markup (Trusted Types); the server allows its name. */
interface Policy {
  createHTML(html: string): string;
  createScriptURL(url: string): string;
}

type Factory = { createPolicy(name: string, rules: Policy): Policy };

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;

const rules: Policy = {
  // What comes out is put into a template alone, which runs nothing, and read from there.
  createHTML: (html) => html,
  createScriptURL: (url) => {
    if (url !== "/sw.js") throw new TypeError(`${url} is no script of ours`);
    return url;
  },
};

export const policy: Policy = factory?.createPolicy("rookery", rules) ?? rules;
