// Effects of experiments by segment.
const effects = data.experiments ? unpack(data.experiments.rows) : [];
const listMetrics = experiment => {
  const select = byId('experiments-metric');
  if (select.dataset.experiment === experiment.id) return;
  select.dataset.experiment = experiment.id;
  select.replaceChildren(...experiment.metrics.map(metric => element('option', metric.label, {value: metric.id})));
};
section(['experiments-experiment', 'experiments-metric'], () => {
  const experiment = data.experiments.experiments.find(one => one.id === byId('experiments-experiment').value);
  listMetrics(experiment);
  const metric = experiment.metrics.find(one => one.id === byId('experiments-metric').value);
  const rows = effects
    .filter(row => row.experiment === experiment.id && row.metric === metric.id)
    .map(row => ({...row, label: label[row.segment] || row.segment}))
    .sort((one, other) => (order[one.segment] ?? -1) - (order[other.segment] ?? -1));
  byId('experiments-heading').textContent = `${experiment.label}, ${metric.label.toLowerCase()}`;
  byId('experiments-conclusion').textContent = metric.conclusion;
  byId('experiments-axis').textContent =
    `Effect, in ${metric.isShare ? 'percentage points' : metric.label.toLowerCase() + ' per user'}`;
  replace('experiments-warnings', ...experiment.warnings.map(text => element('li', text, {class: 'alert'})));
  draw(
    'experiments-chart',
    'differences',
    drawn(rows),
    `${experiment.label}, ${metric.label}. ${metric.conclusion} ${told(rows)}`,
    scaleOf(metric),
  );
  fill(
    'experiments-numbers',
    `${experiment.label}, ${metric.label}`,
    [
      ['Segment', row => row.label],
      ['Effect', row => row.effect, 'number'],
      ['95\u202f% interval', row => row.interval, 'number'],
      ['Variant', row => row.mean, 'number'],
      ['Control', row => row.rest, 'number'],
      ['Users', row => row.n, 'number'],
      ['q', row => row.q, 'number'],
      ['Differs from the others: q', row => row.other, 'number'],
      ['Note', row => row.note, 'prose'],
    ],
    rows,
  );
  return metric.conclusion;
});
