import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// Domestic browsers and web views lag behind: nothing newer than these may be needed at run time.
const OLDEST = ['chrome87', 'safari14', 'firefox120'];
const SERVER = process.env.BRANCHLINE_SERVER ?? 'http://127.0.0.1:8080';

// Tests that stand on a page. A page takes longer to make than most tests to run, so the others do without.
const ON_A_PAGE = [
  'src/__tests__/{bell,router}.test.ts',
  'src/media/{devices,playing,redundancy}.test.ts',
  'src/meeting/use/localMedia.test.ts',
  'src/pages/floating/__tests__/floating.test.ts',
  'src/pages/reports/__tests__/{draft,useReport}.test.ts',
  'src/ui/__tests__/parts.test.ts',
];

export default defineConfig({
  plugins: [vue()],
  build: { target: OLDEST, cssTarget: OLDEST, outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 700 },
  define: { __INTLIFY_PROD_DEVTOOLS__: 'false', __VUE_I18N_LEGACY_API__: 'false', __VUE_OPTIONS_API__: 'false' },
  server: {
    port: 5173,
    proxy: { '/api': SERVER, '/socket.io': { target: SERVER, ws: true } },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'page', environment: 'happy-dom', include: ON_A_PAGE } },
      { extends: true, test: { name: 'plain', environment: 'node', include: ['src/**/*.test.ts'], exclude: ON_A_PAGE } },
    ],
  },
});
