/** How this browser shows things. Kept on the device, for whoever uses it. */
export type Theme = "system" | "light" | "dark";

interface Kept {
  theme: Theme;
  /** Single keys as shortcuts (WCAG 2.1.4 asks for a switch). */
  shortcuts: boolean;
  /** Whether posting photos without a description is questioned once. */
  describeNudge: boolean;
  /** Videos play by themselves while they are in sight, without sound. */
  autoplay: boolean;
  homeTab: string;
  /** Lists that are tabs of home. */
  homeLists: { id: string; title: string }[];
}

const key = "rookery.preferences";
const defaults: Kept = {
  theme: "system",
  shortcuts: true,
  describeNudge: true,
  autoplay: false,
  homeTab: "newest",
  homeLists: [],
};

class Preferences {
  #kept = $state.raw<Kept>({
    ...defaults,
    ...(JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Kept>),
  });

  get<K extends keyof Kept>(name: K): Kept[K] {
    return this.#kept[name];
  }

  set<K extends keyof Kept>(name: K, value: Kept[K]): void {
    this.#kept = { ...this.#kept, [name]: value };
    localStorage.setItem(key, JSON.stringify(this.#kept));
    if (name === "theme") this.applyTheme();
  }

  applyTheme(): void {
    const theme = this.#kept.theme;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}

export const preferences = new Preferences();
