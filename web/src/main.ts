// Starts the app: language and who asks first, so that nothing is drawn twice.
import { mount } from 'svelte';
import App from './App.svelte';
import { useLanguage } from './i18n/i18n.svelte';
import { startRouter } from './lib/router.svelte';
import { session } from './lib/session.svelte';
import { settings } from './lib/settings.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

await Promise.all([useLanguage(settings.language), session.refresh()]);
startRouter();
mount(App, { target });
