// Who moves, who is in two segments, and who comes back.
const moves = data.transitions ? unpack(data.transitions.rows) : [];
section(['transitions-period'], () => {
  const date = byId('transitions-period').value,
    period = data.transitions.periods.find(one => one.date === date);
  const befores = [...lifecycle, '__new__'],
    afters = [...lifecycle, '__gone__'];
  const found = Object.fromEntries(moves.filter(row => row.date === date).map(row => [`${row.from}>${row.to}`, row]));
  const rows = befores.flatMap(from =>
    afters.map(to => {
      const row = found[`${from}>${to}`];
      return {
        from: label[from],
        to: label[to],
        share: row ? drawable(row.share) : 0,
        users: row ? row.users : 0,
        direction: row ? row.direction : null,
        text: row ? count(row.users) : '',
        shareText: row ? percent(row.share) : '–',
      };
    }),
  );
  const title =
    `From ${day(period.from)} to ${day(date)}` + (period.provisional ? ' (provisional: the period is not over)' : '');
  byId('transitions-heading').textContent = title;
  byId('transitions-chart').style.minWidth = `${110 + afters.length * 62}px`;
  const large = rows
    .filter(row => isNumber(row.users) && row.users > 0 && row.from !== row.to)
    .sort((one, other) => other.users - one.users)
    .slice(0, 4);
  const hidden = rows.some(row => row.users === 'w');
  const moved = large.length
    ? (hidden ? 'Largest moves that are not withheld: ' : 'Largest moves: ') +
      large.map(row => `${row.from} to ${row.to} ${row.text}`).join(', ') +
      '.'
    : hidden
      ? 'All moves are withheld.'
      : 'Nobody moved.';
  byId('transitions-conclusion').textContent = moved;
  draw('transitions-chart', 'transitions', rows, `${title}. ${moved}`);
  const words = {up: 'up', down: 'down', same: 'stayed', new: 'new', gone: 'gone'};
  fill(
    'transitions-numbers',
    title,
    [
      ['From', row => row.from],
      ['To', row => row.to],
      ['Users', row => row.text, 'number'],
      ['Share of those before', row => row.shareText, 'number'],
      ['Direction', row => words[row.direction] || '–'],
    ],
    rows.filter(row => row.text !== ''),
  );
  return title;
});

section(['overlap-measure'], () => {
  const measure = byId('overlap-measure').value;
  const ids = data.segments.map(segment => segment.id);
  const found = Object.fromEntries(overlaps.map(row => [`${row.segment}>${row.other}`, row]));
  const rows = ids.flatMap(segment =>
    ids.map(other => {
      const row = found[`${segment}>${other}`];
      const value = segment === other ? 1 : row ? row[measure] : null;
      return {
        label: label[segment],
        other: label[other],
        value: isNumber(value) ? value * 100 : null,
        text: percent(value),
        both: row ? count(row.both) : '',
        same: segment === other,
      };
    }),
  );
  const pairs = overlaps
    .filter(row => isNumber(row[measure]) && (measure === 'containment' || order[row.segment] < order[row.other]))
    .sort(
      (one, other) =>
        other[measure] - one[measure] || order[one.segment] - order[other.segment] || order[one.other] - order[other.other],
    )
    .slice(0, 20);
  const name = row =>
    measure === 'jaccard' ? `${label[row.segment]} and ${label[row.other]}` : `${label[row.segment]} in ${label[row.other]}`;
  byId('overlap-chart').style.minWidth = `${200 + ids.length * 19}px`;
  byId('overlap-heading').textContent =
    measure === 'jaccard' ? 'How similar two segments are' : 'How much of one segment is in another';
  const largest = pairs.length
    ? (overlaps.some(row => row.both === 'w') ? 'Largest that are not withheld: ' : 'Largest: ') +
      pairs
        .slice(0, 4)
        .map(row => `${name(row)} ${percent(row[measure])}`)
        .join(', ') +
      '.'
    : '';
  byId('overlap-conclusion').textContent = largest;
  draw('overlap-chart', 'overlap', rows, `Overlap of ${ids.length} segments. ${largest}`);
  fill(
    'overlap-numbers',
    'Overlap of segments',
    [
      ['Pair', name],
      ['Users in both', row => count(row.both), 'number'],
      ['Share of the first', row => percent(row.containment), 'number'],
      ['Jaccard', row => percent(row.jaccard), 'number'],
      ['Against chance', row => times(row.lift), 'number'],
    ],
    pairs,
  );
  return byId('overlap-heading').textContent;
});

section(['retention-segment', 'retention-cohort', 'retention-kind'], () => {
  const id = byId('retention-segment').value,
    cohort = byId('retention-cohort').value,
    kind = byId('retention-kind').value;
  const curves = (data.retention.curves[id] || {})[kind] || {},
    all = data.retention.curves.__all__[kind];
  const hasOther = id !== '__all__' && all[cohort];
  const points = (curve, date, role, rank) =>
    curve.share
      .map((share, at) => ({
        period: at + 1,
        role,
        rank,
        cohort: day(date),
        share: isNumber(share) ? share * 100 : null,
        isKnown: isNumber(share),
        isYoung: share === null,
        lower: isNumber(curve.lower[at]) ? curve.lower[at] * 100 : null,
        upper: isNumber(curve.upper[at]) ? curve.upper[at] * 100 : null,
        text: percent(share),
        n: count(curve.n),
        interval: isNumber(curve.lower[at])
          ? `${percent(curve.lower[at])} to ${percent(curve.upper[at])}`
          : missing(curve.lower[at]),
      }))
      .filter(row => !row.isYoung);
  const rows = [];
  if (curves[cohort]) rows.push(...points(curves[cohort], cohort, `${label[id]}, members on ${day(cohort)}`, 0));
  if (hasOther) rows.push(...points(all[cohort], cohort, 'All users on that date', 1));
  for (const date of data.retention.cohorts)
    if (date !== cohort && curves[date]) rows.push(...points(curves[date], date, 'Other dates', 2));
  const own = rows.filter(row => row.rank === 0);
  const last = own.findLast(row => row.isKnown);
  byId('retention-heading').textContent = last
    ? `${last.text} of ${label[id]} came back in week ${last.period}` + (kind === 'unbounded' ? ' or later' : '')
    : `${label[id]}: nothing to show for ${day(cohort)}`;
  byId('retention-note').textContent =
    (curves[cohort] ? `${count(curves[cohort].n)} users. ` : '') +
    (own.length && own.length < curves[cohort].share.length
      ? `The line ends at week ${own.length}: it is too early to say more. `
      : '') +
    'A segment that is defined by activity was active to begin with: it does not keep people by itself.';
  const key = (color, text) => {
    const line = element('li');
    line.append(element('span', '', {class: `line ${color}`}), text);
    return line;
  };
  replace(
    'retention-legend',
    key('own', `${label[id]}, members on ${day(cohort)}, with interval`),
    ...(hasOther ? [key('all', 'All users on that date')] : []),
    key('other', `${label[id]} on other dates`),
  );
  const highest = Math.max(10, ...rows.map(row => (row.rank === 0 ? (row.upper ?? row.share) : row.share)));
  draw(
    'retention-chart',
    'retention',
    rows.some(row => row.isKnown) ? rows : [],
    `Retention of ${label[id]}, members on ${day(cohort)}: ` +
      own.map(row => `week ${row.period} ${row.text}`).join(', ') +
      '.',
    {most: Math.min(100, Math.ceil(highest / 10) * 10), weeks: Math.max(2, ...rows.map(row => row.period))},
  );
  fill(
    'retention-numbers',
    `Retention of ${label[id]}`,
    [
      ['Week', at => String(at + 1)],
      ['Came back', at => percent(curves[cohort].share[at]), 'number'],
      [
        '95\u202f% interval',
        at =>
          isNumber(curves[cohort].lower[at])
            ? `${percent(curves[cohort].lower[at])} to ${percent(curves[cohort].upper[at])}`
            : curves[cohort].share[at] === null
              ? 'too early to say'
              : missing(curves[cohort].lower[at]),
        'number',
      ],
      ...(hasOther ? [['All users', at => percent(all[cohort].share[at]), 'number']] : []),
    ],
    curves[cohort] ? curves[cohort].share.map((_, at) => at) : [],
  );
  return byId('retention-heading').textContent;
});

section(['growth-segment'], () => {
  const id = byId('growth-segment').value,
    {dates, provisional, segments} = data.growth,
    parts = segments[id];
  const kinds = [
    ['new', 'New', 1],
    ['resurrected', 'Returned', 1],
    ['moved_in', 'Moved in', 1],
    ['churned', 'No longer active', -1],
    ['moved_out', 'Moved out', -1],
  ].filter(([name]) => id !== '__all__' || !name.startsWith('moved'));
  const places = dates.map((_, at) => at).filter(at => !provisional[at]);
  // A bar without one of its parts would be wrong: such periods are left blank.
  const whole = places.filter(at => kinds.every(([name]) => isNumber(parts[name][at])));
  byId('growth-gap').textContent =
    whole.length === places.length
      ? ''
      : `${places.length - whole.length} of ${places.length} periods are left blank: a count is withheld there.`;
  draw(
    'growth-chart',
    id === '__all__' ? 'growth_all' : 'growth',
    whole
      .filter(at => at > 0)
      .flatMap(at =>
        kinds.map(([name, said, sign], rank) => ({
          start: dates[at - 1],
          date: dates[at],
          day: day(dates[at]),
          label: said,
          order: rank,
          value: isNumber(parts[name][at]) ? sign * parts[name][at] : null,
          text: count(parts[name][at]),
        })),
      ),
    `${label[id]}: active users gained and lost in each period.`,
  );
  const at = places.at(-1);
  byId('growth-heading').textContent =
    at === undefined ? label[id] : `${label[id]}: ${count(parts.active[at])} active in the period to ${day(dates[at])}`;
  fill(
    'growth-numbers',
    `Growth accounting of ${label[id]}`,
    [
      ['Period to', row => day(dates[row])],
      ['Active', row => count(parts.active[row]), 'number'],
      ...kinds.map(([name, said]) => [said, row => count(parts[name][row]), 'number']),
    ],
    [...places].reverse(),
  );
  return byId('growth-heading').textContent;
});
