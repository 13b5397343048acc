import { defineConfig } from 'vite';

/** The packages that the viewer shares with its plugins, each as a window global of its own name (OHIF plugin contract v1). */
const SHARED = ['react', 'react-dom', 'react/jsx-runtime', '@cornerstonejs/core', '@cornerstonejs/tools'];

const source = (path) => new URL(path, import.meta.url).pathname;

// `--mode host` builds the shim for viewers that do not share packages yet; the default builds the plugin.
export default defineConfig(({ mode }) =>
  mode === 'host'
    ? {
        build: {
          emptyOutDir: false,
          lib: { entry: source('./src/host/host.ts'), formats: ['es'], fileName: () => 'host.js' },
        },
      }
    : {
        // Whoever builds, a test run too, gets the production build: the viewer shares no development JSX runtime.
        oxc: { jsx: { runtime: 'automatic', development: false } },
        // socket.io-client asks for it.
        define: { 'process.env.NODE_ENV': JSON.stringify('production') },
        build: {
          emptyOutDir: false,
          lib: {
            entry: source('./src/index.tsx'),
            formats: ['umd'],
            name: '@ohif-medsam/extension',
            fileName: () => 'index.umd.js',
          },
          rollupOptions: { external: SHARED, output: { exports: 'default', globals: (id) => id } },
        },
      },
);
