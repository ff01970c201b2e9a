import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running `tandem serve`. */
const SERVER = process.env['TANDEM_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/',
  plugins: [react()],
  build: { target: 'es2022', assetsDir: 'assets', chunkSizeWarningLimit: 700 },
  server: {
    proxy: {
      '/api': SERVER,
      '/media': SERVER,
      '/ws': { target: SERVER, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], environment: 'node' },
});
