// Starts the app: language and who asks first, so that nothing is drawn twice.
import { mount } from 'svelte';
import App from './App.svelte';
import { useLanguage } from './i18n/i18n.svelte';
import { router, startRouter } from './lib/router.svelte';
import { find } from './lib/routes';
import { session } from './lib/session.svelte';
import { settings } from './lib/settings.svelte';
import { ROUTES } from './pages/routes';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

startRouter();
void find(ROUTES, router.path)
  ?.route.load()
  .catch(() => undefined); // Meanwhile; the outlet says what is wrong.
await Promise.all([useLanguage(settings.language), session.refresh()]);
mount(App, { target });
