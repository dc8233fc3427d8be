for (const form of document.querySelectorAll('form')) {
  const tasks = [...form.closest('section').querySelectorAll('.task')];
  const apply = () => {
    const { text, ...selects } = Object.fromEntries(new FormData(form));
    const words = text.toLowerCase();
    let count = 0;
    for (const task of tasks) {
      const runs = [...task.querySelectorAll('.run')];
      const named = task.querySelector('h4').textContent.toLowerCase().includes(words);
      for (const run of runs) {
        run.hidden =
          Object.entries(selects).some(([name, value]) => value && run.dataset[name] !== value) ||
          !(named || run.textContent.toLowerCase().includes(words));
      }
      const shown = runs.filter(run => !run.hidden).length;
      task.hidden = !shown;
      count += shown;
    }
    form.querySelector('output').textContent = `${count} trajectories`;
  };
  form.hidden = false;
  form.addEventListener('input', apply);
  form.addEventListener('submit', event => event.preventDefault());
  apply();
}
const open = () => {
  const body = document.getElementById(location.hash.slice(1));
  const run = body && body.closest('.run');
  if (run) {
    run.hidden = run.closest('.task').hidden = false;
    run.open = true;
    body.scrollIntoView();
  }
};
addEventListener('hashchange', open);
open();
