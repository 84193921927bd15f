import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { whenLoggedOut } from './api/client';
import { i18n, preferredLocale, showIn } from './i18n';
import { router } from './router';
import { useSession } from './session';
import './ui/tokens.css';
import './ui/base.css';
import './ui/parts.css';
import { applyTypeSize } from './typesize';

applyTypeSize();
const app = createApp(App).use(createPinia()).use(i18n);

whenLoggedOut(() => {
  useSession().forget();
  const here = router.currentRoute.value;
  if (here.name !== 'login') void router.push({ name: 'login', query: { next: here.fullPath } });
});

void showIn(preferredLocale()).then(() => app.use(router).mount('#app'));
