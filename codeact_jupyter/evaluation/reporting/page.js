for (const form of document.querySelectorAll('form.filter')) {
  const section = form.closest('section');
  const apply = () => {
    const { group, domain, outcome, text } = form.elements;
    const words = text.value.toLowerCase();
    let count = 0;
    for (const run of section.querySelectorAll('details.run')) {
      const { dataset } = run;
      run.hidden =
        (group.value && dataset.group !== group.value) ||
        (domain.value && dataset.domain !== domain.value) ||
        (outcome.value && dataset.outcome !== outcome.value) ||
        (words && !run.closest('.task').querySelector('h4').textContent.toLowerCase().includes(words) &&
          !run.textContent.toLowerCase().includes(words));
      count += !run.hidden;
    }
    for (const task of section.querySelectorAll('.task')) {
      task.hidden = !task.querySelector('details.run:not([hidden])');
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
  const run = body && body.closest('details.run');
  if (run) {
    run.hidden = false;
    run.closest('.task').hidden = false;
    run.open = true;
    body.scrollIntoView();
  }
};
addEventListener('hashchange', open);
open();
