import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// Domestic browsers and web views lag behind: nothing newer than these may be needed at run time.
const OLDEST = ['chrome87', 'safari14', 'firefox120'];
const SERVER = process.env.BRANCHLINE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [vue()],
  build: { target: OLDEST, cssTarget: OLDEST, outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 700 },
  define: { __INTLIFY_PROD_DEVTOOLS__: 'false', __VUE_I18N_LEGACY_API__: 'false', __VUE_OPTIONS_API__: 'false' },
  server: {
    port: 5173,
    proxy: { '/api': SERVER, '/socket.io': { target: SERVER, ws: true } },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
});
