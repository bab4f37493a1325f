// Sizes over time.
section(['[name=sizes-mode]'], () => {
  const mode = document.querySelector('[name=sizes-mode]:checked').value;
  const {dates, provisional, users, share} = data.sizes;
  // A stack without one of its parts would be wrong: dates on which one is withheld are left blank.
  const whole = dates.map((_, place) => lifecycle.every(segment => isNumber(users[segment][place])));
  byId('sizes-gap').textContent = whole.every(Boolean)
    ? ''
    : `${whole.filter(one => !one).length} of ${dates.length} dates are left blank: a count is withheld there.`;
  const rows = lifecycle.flatMap((segment, at) =>
    dates.map((date, place) => ({
      date,
      day: day(date) + (provisional[place] ? ', provisional' : ''),
      label: label[segment],
      order: -at,
      users: whole[place] ? drawable(mode === 'users' ? users[segment][place] : share[segment][place]) : null,
      text: mode === 'users' ? count(users[segment][place]) : percent(share[segment][place]),
    })),
  );
  const now = lifecycle.map(segment => `${label[segment]} ${count(users[segment].at(-1))}`).join(', ');
  draw(
    'sizes-chart',
    mode === 'users' ? 'together' : 'shares',
    rows,
    `Lifecycle segments from ${day(dates[0])} to ${day(dates.at(-1))}, now: ${now}.`,
  );
  fill(
    'sizes-numbers',
    'Lifecycle segments over time',
    [
      ['Date', row => day(dates[row]) + (provisional[row] ? ' (provisional)' : '')],
      ...lifecycle.map(segment => [
        label[segment],
        row => (mode === 'users' ? count(users[segment][row]) : percent(share[segment][row])),
        'number',
      ]),
    ],
    dates.map((_, at) => dates.length - 1 - at),
  );
  return 'Lifecycle segments are shown as ' + (mode === 'users' ? 'users' : 'shares of all users');
});
