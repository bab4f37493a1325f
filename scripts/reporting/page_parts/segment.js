// The page of one segment.
const overlaps = data.overlap ? unpack(data.overlap) : [];
const tile = (name, value, note) => {
  const box = element('div');
  box.append(element('dt', name), element('dd', value, {class: 'value'}), element('dd', note || '', {class: 'note'}));
  return box;
};
section(['segment-select'], () => {
  const id = byId('segment-select').value,
    segment = data.segments[order[id]];
  const {dates, provisional, users, share, entered, left} = data.sizes;
  const series = users[id];
  byId('segment-name').textContent = segment.label;
  const tiles = [
    tile('Users', count(series.at(-1)), `on ${day(dates.at(-1))}`),
    tile('Share of users', percent(share[id].at(-1))),
  ];
  if (segment.revenue) tiles.push(tile('Share of revenue', segment.revenue, 'of 91 days'));
  if (segment.score) tiles.push(tile('Definition check', segment.score, `of 100, ${segment.grade}`));
  replace('segment-tiles', ...tiles);
  const facts = [
    ['Type', `${segment.type}, ${segment.tier.toLowerCase()}${segment.focus ? ', in focus' : ''}`],
    ['Owner', segment.owner + (segment.owners ? `; ${segment.owners}` : '')],
    ['Goal', segment.goal],
    ['Action', segment.action],
    ['Reviewed', segment.reviewed],
  ];
  if (segment.objective) {
    const others = data.segments.filter(other => other.objective === segment.objective && other.id !== id).map(other => other.label);
    facts.push(['Objective', segment.objective + (others.length ? ` (with ${others.join(', ')})` : '')]);
  }
  if (segment.target) facts.push(['Target', segment.target]);
  if (segment.score) facts.push(['Check of the definition', segment.reasons.length ? segment.reasons.join('; ') : 'nothing to improve']);
  if (segment.similar) facts.push(['Most like', segment.similar]);
  replace('segment-facts', ...facts.flatMap(([name, text]) => [element('dt', name), element('dd', text || '–')]));
  const criteria = (data.attrition || {})[id] || [];
  replace(
    'segment-criteria',
    ...(criteria.length ? criteria : [{name: 'As the SQL says', words: ''}]).map(criterion => {
      const line = element('li');
      line.append(element('strong', criterion.name), criterion.words ? `: ${criterion.words}` : '');
      return line;
    }),
  );
  byId('segment-sql').textContent = segment.sql;
  const card = data.cards[id] || {personas: [], lines: []};
  byId('segment-card').hidden = !card.personas.length && !card.lines.length;
  replace(
    'segment-personas',
    ...card.personas.flatMap(persona => {
      const facts = element('dl', '', {class: 'facts'});
      facts.append(...persona.lines.flatMap(([name, text]) => [element('dt', name), element('dd', text)]));
      return [element('h5', persona.name), element('p', persona.story), facts];
    }),
  );
  replace('segment-card-facts', ...card.lines.flatMap(([name, text]) => [element('dt', name), element('dd', text)]));

  draw(
    'segment-users',
    'line',
    dates.map((date, at) => ({
      date,
      day: day(date) + (provisional[at] ? ', provisional' : ''),
      users: drawable(series[at]),
      text: count(series[at]),
      provisional: provisional[at],
    })),
    `${segment.label}: ${count(series[0])} users on ${day(dates[0])}, ${count(series.at(-1))} on ${day(dates.at(-1))}.`,
  );
  const periods = dates.map((_, at) => at).filter(at => at > 0 && !provisional[at]);
  draw(
    'segment-moves',
    'moves',
    periods.flatMap(at =>
      [
        ['Entered', entered, 1],
        ['Left', left, -1],
      ].map(([said, values, sign], rank) => ({
        start: dates[at - 1],
        date: dates[at],
        day: day(dates[at]),
        label: said,
        order: rank,
        value: isNumber(values[id][at]) ? sign * values[id][at] : null,
        text: count(values[id][at]),
      })),
    ),
    `${segment.label}: users who entered and left in each period` +
      (periods.length
        ? `; in the last one ${count(entered[id][periods.at(-1)])} and ${count(left[id][periods.at(-1)])}.`
        : '.'),
  );
  fill(
    'segment-moves-numbers',
    `${segment.label} over time`,
    [
      ['Date', at => day(dates[at]) + (provisional[at] ? ' (provisional)' : '')],
      ['Users', at => count(series[at]), 'number'],
      ['Entered', at => count(entered[id][at]), 'number'],
      ['Left', at => count(left[id][at]), 'number'],
    ],
    dates.map((_, at) => dates.length - 1 - at),
  );

  const differences = byMetric(id),
    lifts = differences.filter(row => metrics[row.metric].isLift);
  byId('segment-lift-note').textContent = notDrawn(lifts);
  byId('segment-lift-conclusion').textContent = told(drawn(lifts), 6);
  draw(
    'segment-lift',
    'lifts',
    drawn(lifts),
    `${segment.label} against everybody else. ${told(drawn(lifts))}`,
    scaleOf(data.comparisons.bySegment[id] || {low: 0.5, high: 2, ticks: [1]}),
  );
  fill('segment-lift-numbers', `${segment.label} against everybody else`, comparisonColumns('Metric'), differences);

  if (data.profiles) {
    const rows = data.profiles[id] ? unpack(data.profiles[id]) : [];
    byId('segment-profile-empty').hidden = rows.length > 0;
    byId('segment-profile').hidden = rows.length === 0;
    if (rows.length)
      draw(
        'segment-profile',
        'profile',
        rows,
        `${segment.label}: ` + rows.map(row => `${row.label} ${row.shareText} against ${row.restText}`).join('; ') + '.',
      );
    const numbers = byId('segment-profile-numbers');
    numbers.closest('details').hidden = rows.length === 0;
    numbers.replaceChildren();
    if (rows.length)
      fill(
        'segment-profile-numbers',
        `Profile of ${segment.label}`,
        [
          ['Attribute', row => row.label],
          ['Segment', row => row.shareText, 'number'],
          ['Everybody else', row => row.restText, 'number'],
          ['Difference', row => row.difference, 'number'],
          ['95\u202f% interval', row => row.interval, 'number'],
          ['q', row => row.q, 'number'],
        ],
        rows,
      );
  }
  if (data.attrition) {
    const base = criteria.length ? criteria[0].base : null;
    const steps = [
      {label: 'All users', users: base},
      ...criteria.map(criterion => ({label: criterion.name, users: criterion.after})),
    ];
    draw(
      'segment-attrition',
      'attrition',
      steps.map(step => ({
        label: step.label,
        users: drawable(step.users),
        end: drawable(step.users) ?? 0,
        text: count(step.users),
      })),
      `${segment.label}: ` + steps.map(step => `${step.label} ${count(step.users)}`).join(', ') + '.',
      {most: (drawable(base) || 1) * 1.2},
    );
    fill(
      'segment-attrition-numbers',
      `Criteria of ${segment.label}`,
      [
        ['Criterion', row => row.name],
        ['Users left', row => count(row.after), 'number'],
        ['Removed by it alone', row => count(row.removed), 'number'],
        ['Miss only this', row => count(row.near), 'number'],
      ],
      criteria,
    );
  }
  if (data.overlap) {
    const pairs = overlaps.filter(row => row.segment === id);
    const known = pairs
      .filter(row => isNumber(row.both) && row.both > 0)
      .sort((one, other) => other.containment - one.containment || order[one.other] - order[other.other]);
    const shown = [...known.slice(0, 8), ...pairs.filter(row => row.both === 'w')];
    fill(
      'segment-overlap',
      `Segments that users of ${segment.label} are also in`,
      [
        ['Segment', row => label[row.other]],
        ['Users in both', row => count(row.both), 'number'],
        [`Share of ${segment.label}`, row => percent(row.containment), 'number'],
        ['Against chance', row => times(row.lift), 'number'],
      ],
      shown,
    );
  }
  return segment.label;
});
document.addEventListener('click', event => {
  const link = event.target.closest('a[data-segment]');
  if (!link) return;
  byId('segment-select').value = link.dataset.segment;
  byId('segment-select').dispatchEvent(new Event('change'));
});
