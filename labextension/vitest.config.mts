import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.spec.{ts,tsx}'],
    // These packages import modules without the file extension that Node requires.
    server: { deps: { inline: [/@jupyterlab/, /@jupyter\//] } }
  }
});
