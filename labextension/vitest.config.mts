import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.spec.{ts,tsx}'],
    // These packages name their modules without the extension that Node asks for.
    server: { deps: { inline: [/@jupyterlab/, /@jupyter\//] } }
  }
});
