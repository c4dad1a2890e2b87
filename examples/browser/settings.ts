/**
 * Language and theme: from the address, else from the browser; buttons change them and the address with them.
 * @module
 */

import type { Words } from "./words.ts";
import { english } from "./words_en.ts";
import { chinese } from "./words_zh.ts";

export type Language = "en" | "zh";
export type Theme = "auto" | "light" | "dark";
export type Role = "client" | "server" | "both";

const themes: readonly Theme[] = ["auto", "light", "dark"];
const roles: readonly Role[] = ["client", "server", "both"];

export class Settings {
  language: Language;
  theme: Theme;
  role: Role;

  constructor({ searchParams }: URL, browserLanguage: string) {
    const asked = searchParams.get("lang") ?? browserLanguage;
    this.language = asked.toLowerCase().startsWith("zh") ? "zh" : "en";
    this.theme = themes.find((theme) => theme === searchParams.get("theme")) ?? "auto";
    this.role = roles.find((role) => role === searchParams.get("role")) ?? "client";
    this.#apply();
  }

  get words(): Words {
    return this.language === "zh" ? chinese : english;
  }

  switchLanguage(): void {
    this.language = this.language === "zh" ? "en" : "zh";
    this.#store("lang", this.language);
  }

  switchTheme(): void {
    this.theme = themes[(themes.indexOf(this.theme) + 1) % themes.length] ?? "auto";
    this.#store("theme", this.theme);
  }

  switchRole(role: Role): void {
    this.role = role;
    this.#store("role", role);
  }

  /** The style sheets know a theme by its name; `auto` has none, so that they ask the system. */
  #apply(): void {
    const { dataset } = document.documentElement;
    if (this.theme === "auto") delete dataset["theme"];
    else dataset["theme"] = this.theme;
    document.documentElement.lang = this.words.tag;
    document.title = `tlschart: ${this.words.title}`;
  }

  #store(name: string, value: string): void {
    const url = new URL(location.href);
    url.searchParams.set(name, value);
    history.replaceState(undefined, "", url);
    this.#apply();
  }
}
