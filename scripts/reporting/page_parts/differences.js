// Differences from everybody else.
const comparisons = unpack(data.comparisons.rows);
const metrics = Object.fromEntries(data.comparisons.metrics.map(metric => [metric.id, metric]));
const byValue = (one, other) => (other.value ?? -1e9) - (one.value ?? -1e9) || one.label.localeCompare(other.label);
const comparisonColumns = first => [
  [first, row => row.label],
  ['Difference', row => row.effect, 'number'],
  ['95\u202f% interval', row => row.interval, 'number'],
  ['Segment', row => row.mean, 'number'],
  ['Everybody else', row => row.rest, 'number'],
  ['Users', row => row.n, 'number'],
  ['q', row => row.q, 'number'],
  ['Note', row => row.note, 'prose'],
];
const drawn = rows => rows.filter(row => row.state !== 'definition' && row.value !== null);
const notDrawn = rows => {
  const circular = rows.filter(row => row.state === 'definition').map(row => row.label);
  return circular.length ? `Not drawn, since the segment is defined by this or a related metric: ${circular.join(', ')}.` : '';
};
const told = (rows, most = rows.length) => {
  const sure = rows.filter(row => row.state !== 'none');
  const named =
    sure
      .slice(0, most)
      .map(row => `${row.label} ${row.effect}`)
      .join(', ') + (sure.length > most ? ` and ${sure.length - most} more` : '');
  return !rows.length
    ? 'There is nothing to compare.'
    : sure.length
      ? `${sure.length} of ${rows.length} ${sure.length === 1 ? 'differs' : 'differ'} by more than chance: ${named}.`
      : `None of ${rows.length} differs by more than chance.`;
};
const byMetric = segment =>
  comparisons
    .filter(row => row.segment === segment)
    .map(row => ({...row, label: metrics[row.metric].label}))
    .sort(
      (one, other) =>
        data.comparisons.metrics.indexOf(metrics[one.metric]) - data.comparisons.metrics.indexOf(metrics[other.metric]),
    );
const scaleOf = place => ({low: place.low, high: place.high, ticks: place.ticks});

section(['lift-metric', 'lift-segments'], () => {
  const metric = metrics[byId('lift-metric').value],
    chosen = byId('lift-segments').value;
  const single = chosen.startsWith('segment:') ? chosen.slice(8) : null;
  byId('lift-metric').disabled = single !== null;
  if (single !== null) {
    const all = byMetric(single),
      rows = all.filter(row => metrics[row.metric].isLift);
    const title = `${label[single]}: all metrics`;
    byId('lift-heading').textContent = title;
    byId('lift-axis').textContent = 'Lift: how much more or less than everybody else';
    byId('lift-note').textContent = [
      'Scores such as NPS have no lift; their differences stand in the table.',
      notDrawn(rows),
    ].join(' ');
    byId('lift-conclusion').textContent = told(drawn(rows), 6);
    draw('lift-chart', 'lifts', drawn(rows), `${title}. ${told(drawn(rows))}`, scaleOf(data.comparisons.bySegment[single]));
    fill('lift-numbers', title, comparisonColumns('Metric'), all);
    return title;
  }
  const members = new Set(
    data.segments
      .filter(segment => chosen === 'all' || segment.tier === chosen || (chosen === 'focus' && segment.focus) || segment.type === chosen)
      .map(segment => segment.id),
  );
  const rows = comparisons
    .filter(row => row.metric === metric.id && members.has(row.segment))
    .map(row => ({...row, label: label[row.segment]}))
    .sort(byValue);
  byId('lift-heading').textContent = metric.label;
  byId('lift-axis').textContent = metric.axis;
  byId('lift-note').textContent = [
    metric.description,
    metric.better,
    metric.isAccount ? 'Users of one account share this value, so accounts are counted as witnesses, not users.' : '',
    notDrawn(rows),
  ].join(' ');
  byId('lift-conclusion').textContent = told(drawn(rows), 6);
  draw(
    'lift-chart',
    metric.isLift ? 'lifts' : 'differences',
    drawn(rows),
    `${metric.label}, each segment against everybody else. ${told(drawn(rows))}`,
    scaleOf(metric),
  );
  fill('lift-numbers', `${metric.label} by segment`, comparisonColumns('Segment'), rows);
  return `${metric.label}: ${rows.length} segments`;
});
