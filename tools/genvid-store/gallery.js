'use strict';
// The filter: every word must be in the card. And videos load when they are seen.
const cards = [...document.querySelectorAll('article')];
const shown = document.getElementById('shown');
const filter = document.getElementById('filter');
function show() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const card of cards) {
    const text = card.textContent.toLowerCase();
    card.hidden = !words.every(word => text.includes(word));
    count += !card.hidden;
  }
  shown.textContent = String(count);
}
filter.addEventListener('input', show);
// A link may name what to show: genvid-gallery.html#boat
try {
  filter.value = decodeURIComponent(location.hash.slice(1));
} catch {
  filter.value = '';
}
const seen = new IntersectionObserver(entries => {
  for (const entry of entries)
    if (entry.isIntersecting) {
      entry.target.preload = 'metadata';
      seen.unobserve(entry.target);
    }
});
for (const video of document.querySelectorAll('video')) {
  video.addEventListener('loadedmetadata', () => {
    video.parentElement.querySelector('.length').textContent =
      `${video.duration.toFixed(1)} s, ${video.videoWidth} × ${video.videoHeight}`;
  });
  seen.observe(video);
}
show();
