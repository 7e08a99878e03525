// What the page around the tab has: the WebUI's own functions, where it is the WebUI; and what tests ask of ours.
declare function gradioApp(): Document | ShadowRoot;
declare function getTranslation(words: string): string | undefined;
declare function switch_to_txt2img(): void;
declare function updateInput(field: HTMLElement): void;

interface Window {
    trainTools: Record<string, any>;
}
