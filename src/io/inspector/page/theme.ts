import { byId, setText } from './dom.ts';

const KEY = 'bluelinkd-theme';
const ORDER = ['auto', 'light', 'dark'] as const;
type Theme = (typeof ORDER)[number];

/** Follows the system until somebody chooses; the choice stays in this browser. */
export function startTheme(): void {
  const button = byId('theme', HTMLButtonElement);
  let theme = remembered();
  const show = () => {
    if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.setAttribute('data-theme', theme);
    setText(button, `Theme: ${theme}`);
  };
  button.addEventListener('click', () => {
    theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? 'auto';
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A browser that keeps nothing: the choice lasts as long as the page.
    }
    show();
  });
  show();
}

function remembered(): Theme {
  try {
    return ORDER.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}
