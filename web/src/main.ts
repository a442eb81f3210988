// Starts the app: settings and language first, so that nothing is drawn twice.
import { mount } from 'svelte';
import App from './App.svelte';
import { useLanguage } from './i18n/i18n.svelte';
import { startRouter } from './lib/router.svelte';
import { settings } from './lib/settings.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

await useLanguage(settings.language);
startRouter();
mount(App, { target });
