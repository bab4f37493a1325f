// Draws everything once all parts are there.
const links = [...document.querySelectorAll('nav a')];
const seen = new IntersectionObserver(
  entries =>
    entries
      .filter(entry => entry.isIntersecting)
      .forEach(entry =>
        links.forEach(link => {
          if (link.hash === `#${entry.target.id}`) link.setAttribute('aria-current', 'true');
          else link.removeAttribute('aria-current');
        }),
      ),
  {rootMargin: '-20% 0px -70% 0px'},
);
document.querySelectorAll('main > section').forEach(place => seen.observe(place));
// One after the other, so that the page can be used meanwhile and no section depends on another.
const everything = () => updates.forEach(update => setTimeout(update));
for (const query of ['(max-width: 480px)', '(max-width: 760px)']) matchMedia(query).addEventListener('change', everything);
everything();
