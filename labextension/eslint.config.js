/** Rules for the TypeScript sources and tests. Formatting is prettier's. */

const js = require('@eslint/js');
const hooks = require('eslint-plugin-react-hooks');
const ts = require('typescript-eslint');

module.exports = ts.config(
  { ignores: ['lib/**'] },
  {
    files: ['src/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}'],
    extends: [js.configs.recommended, ts.configs.strictTypeChecked, hooks.configs['recommended-latest']],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Signals take a method and its `this` as two arguments.
      '@typescript-eslint/unbound-method': 'off'
    }
  }
);
