'use strict';

const SVG = 'http://www.w3.org/2000/svg';
const NARROW = window.matchMedia('(max-width: 40rem)');
const element = id => document.getElementById(id);
let shown = null; // number of the question on the page
let polling = 0;
let refused = ''; // why the command did not take the prompt that is in the box
let turn = Promise.resolve(); // requests go one after the other, so that no older state is shown after a newer one

function inTurn(work) {
  turn = turn.then(work);
  return turn;
}

async function request(what, options) {
  try {
    const answer = await fetch(what, options);
    if (answer.ok) {
      show(await answer.json());
      return '';
    }
    return await answer.text() || 'refused (' + answer.status + ')';
  } catch (_) {
    gone();
    return 'the command has ended';
  }
}

/** Tells the command something; its reason if it refuses, else nothing. */
function say(what, words) {
  const options = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(words)};
  return inTurn(() => request(what, options));
}

async function look() {
  if (await inTurn(() => request('state'))) gone();
}

function gone() {
  clearTimeout(polling);
  if (element('result').dataset.over) return;
  element('question').hidden = true;
  news('The command has ended. With --log, the same command goes on.');
}

function news(text, sure) {
  if (element('news').textContent !== text) element('news').textContent = text;
  element('news').classList.toggle('sure', Boolean(sure));
}

function vote(verdict) {
  if (shown !== null) say('vote', {number: shown, verdict});
}

function show(state) {
  clearTimeout(polling);
  if (!state.over) polling = setTimeout(look, state.question ? 5000 : 400);
  element('models').textContent = state.models;
  showQuestion(state);
  showKnown(state);
  drawCurve(state);
  showNumbers(state);
  showResult(state);
  showProblem(state.unasked);
  element('own-prompt').hidden = state.finished;
}

/** Why the prompt in the box was refused, or why an earlier one is not asked. */
function showProblem(unasked) {
  const text = refused || unasked;
  if (element('problem').textContent !== sentence(text)) element('problem').textContent = sentence(text);
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function showQuestion(state) {
  const question = state.finished ? null : state.question;
  element('question').hidden = question === null;
  element('news').classList.toggle('problem', Boolean(state.alike) && !state.finished);
  if (state.finished) news('Finished.');
  else if (state.alike) news(sentence(state.alike) + '.');
  else if (state.waiting) news('Type a prompt below.');
  else if (question === null) news('The models are being asked …');
  else if (state.sure) news('Sure enough: you can finish, or go on.', true);
  else news(state.votes === 0 ? 'Which one is better? Choose it' + (NARROW.matches ? '.' : ', or press ← or →.')
    : counted(state.votes));
  if (question === null || question.number === shown) {
    if (question === null) shown = null;
    return;
  }
  shown = question.number;
  element('prompt').textContent = question.prompt;
  for (const side of ['left', 'right']) {
    element(side).textContent = question[side].text || '(no answer)';
    element(side + '-cut').hidden = !question[side].cutOff;
  }
}

function counted(votes) {
  return (votes === 1 ? '1 vote' : votes + ' votes') + ' so far. The next pair:';
}

function percent(share) {
  return Math.round(100 * share) + ' %';
}

function showKnown(state) {
  const best = state.best === 0 ? 'alpha 0, the aligned model' : 'alpha ' + state.best;
  const sure = state.votes === 0 ? 'Nothing yet.'
    : 'Best so far: ' + best + '. With a probability of ' + percent(state.certainty)
      + ' no other alpha is clearly better (' + percent(state.certaintyWanted) + ' and '
      + state.leastVotes + ' votes are enough).';
  const skipped = state.identical === 0 ? ''
    : ' ' + state.identical + (state.identical === 1 ? ' pair was' : ' pairs were')
      + ' the same to the letter and counted as a tie without asking.';
  element('known').textContent = sure + ' ' + (state.votes === 1 ? '1 vote' : state.votes + ' votes')
    + (state.ties ? ', ' + state.ties + ' of them "same"' : '') + '.' + skipped;
  const finish = element('finish');
  finish.textContent = state.output && state.votes ? 'Finish and write ' + state.output : 'Finish';
  finish.classList.toggle('sure', state.sure);
  finish.hidden = state.finished;
}

function showResult(state) {
  if (!state.finished) return;
  if (element('result').hidden) {
    element('result').hidden = false;
    element('result').focus(); // the button that had it is gone
  }
  if (state.over) element('result').dataset.over = 'yes';
  element('winner').textContent = state.votes === 0 ? 'No alpha was chosen: nobody voted'
    : state.best === 0
    ? 'Alpha 0: the aligned model itself' : 'Alpha ' + state.best;
  const [outcome, command] = state.outcome.split('\n'); // the second line is to be copied, if there is one
  element('outcome').textContent = state.over ? outcome : state.output && state.votes ? 'Writing …' : '';
  element('command').textContent = command || '';
  element('command').hidden = !command;
}

function part(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  element('curve').append(made);
}

let drawn = null;

function drawCurve(state) {
  drawn = state;
  const svg = element('curve');
  while (svg.lastChild !== svg.firstElementChild) svg.lastChild.remove();
  const narrow = NARROW.matches;
  const [left, right, top, bottom] = [56, narrow ? 392 : 632, 28, 240];
  svg.setAttribute('viewBox', narrow ? '0 0 400 300' : '0 0 640 300');
  const last = state.curve[state.curve.length - 1].position;
  const x = position => left + 8 + (right - left - 16) * position / last;
  const y = logit => bottom - (bottom - top) / (1 + Math.exp(-logit));
  for (const share of [0, .25, .5, .75, 1]) {
    const at = bottom - (bottom - top) * share;
    part('line', {class: share === .5 ? 'even' : 'grid', x1: left, x2: right, y1: at, y2: at});
    part('text', {class: 'end', x: left - 8, y: at + 5}, percent(share));
  }
  part('text', {x: left, y: 14}, 'preferred to alpha 0');
  let free = -Infinity;
  for (const point of state.curve) {
    const label = String(point.alpha);
    const half = label.length * 4 + 4;
    if (x(point.position) - half > free) {
      part('text', {class: 'middle', x: x(point.position), y: bottom + 20}, label);
      free = x(point.position) + half;
    }
  }
  part('text', {class: 'middle', x: (left + right) / 2, y: bottom + 44}, 'alpha');
  const line = shift => state.curve.map(point =>
    x(point.position).toFixed(1) + ',' + y(point.mean + shift * point.deviation).toFixed(1));
  part('polygon', {class: 'band', points: line(1).concat(line(-1).reverse()).join(' ')});
  part('polyline', {class: 'line', points: line(0).join(' ')});
  for (const point of state.curve) {
    const best = state.votes && point.alpha === state.best;
    const kind = (point.heard ? ' heard' : '') + (best ? ' best' : '');
    part('circle', {class: 'dot' + kind, cx: x(point.position), cy: y(point.mean), r: best ? 7 : 5});
  }
}

function showNumbers(state) {
  element('numbers').replaceChildren(...state.curve.map(point => {
    const row = document.createElement('tr');
    const share = logit => percent(1 / (1 + Math.exp(-logit)));
    for (const text of [point.alpha, share(point.mean),
      share(point.mean - point.deviation) + ' to ' + share(point.mean + point.deviation), point.heard ? 'yes' : '']) {
      row.insertCell().textContent = text;
    }
    return row;
  }));
}

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest('textarea')) return;
  const verdict = {ArrowLeft: 'left', 1: 'left', ArrowRight: 'right', 2: 'right', 0: 'same', s: 'same', S: 'same'}[
    event.key];
  if (verdict && shown !== null) {
    event.preventDefault();
    vote(verdict);
  }
});
for (const side of ['left', 'same', 'right']) {
  element('vote-' + side).addEventListener('click', () => vote(side));
}
for (const side of ['left', 'right']) {
  element(side).closest('article').addEventListener('click', () => {
    if (window.getSelection().isCollapsed) vote(side); // who marks text does not vote
  });
}
NARROW.addEventListener('change', () => drawn && drawCurve(drawn));
element('finish').addEventListener('click', () => say('finish', {}));
element('own').addEventListener('submit', async event => {
  event.preventDefault();
  const field = element('typed');
  const written = field.value;
  if (!written.trim()) return;
  refused = '';
  const reason = await say('prompt', {text: written.trim()});
  if (reason) {
    refused = 'not asked: ' + reason;
    showProblem('');
  } else if (field.value === written) {
    field.value = '';
    field.blur();
  }
});
look();
