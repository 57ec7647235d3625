/** What the gate must refuse, and what it must let pass. */

import { describe, expect, it } from 'vitest'
import { inspect } from '../../board/gate'

const REFUSED: [why: string, text: string][] = [
  ['an arrow function', 'var a=function(){return(b)=>b}'],
  ['a class', 'var a=function(){class B{}}'],
  ['a template string', 'var a=`x`'],
  ['a spread', 'var a=[...[1]]'],
  ['a rest parameter', 'var a=function(...b){}'],
  ['destructuring', 'var a=function(){var{b}={b:1}}'],
  ['destructuring', 'var a=function(){var[b]=[1]}'],
  ['a default value', 'var a=function(b=1){}'],
  ['optional chaining', 'var a={};var b=a?.c'],
  ['optional chaining', 'var a={};var b=a?.()'],
  ['the operator **', 'var a=2**3'],
  ['the operator ??=', 'var a=2;a??=3'],
  ['a label', 'var a=function(){b:for(;;){break b}}'],
  ['generators', 'var a=function*(){}'],
  ['async functions', 'var a=async function(){}'],
  ['a BigInt', 'var a=1n'],
  ['computed keys', 'var b="c";var a={[b]:1}'],
  ['let must have been lowered', 'let a=1'],
  ['const must have been lowered', 'const a=1'],
  ['a case stands after default', 'var a=function(b){switch(b){default:return 1;case 2:return 3}}'],
  ['longer than the 63 characters', `var a={${'x'.repeat(64)}:1}`],
  ['of is a reserved word', 'var of=1'],
  ['of is a reserved word', 'var a=function(of){}'],
  ['must be ASCII', 'var a="\u00e9"'],
  ['must be ASCII', 'var a="\t"'],
  ['beyond code 255', 'var a="\\u20ac"'],
  ['Map is not', 'var a=new Map'],
  ['Set is not', 'var a=new Set'],
  ['Symbol is not', 'var a=Symbol.iterator'],
  ['Promise is not', 'var a=Promise.resolve()'],
  ['Date is not', 'var a=Date.now()'],
  ['setTimeout is not', 'setTimeout(1)'],
  ['console is not', 'console.log(1)'],
  ['forgotten is not', 'forgotten=1'],
  ['Object.freeze is not', 'var a=Object.freeze({})'],
  ['Number.isInteger is not', 'var a=Number.isInteger(1)'],
  ['Math.trunc is not', 'var a=Math.trunc(1)'],
  ['Math.random is not', 'var a=Math["random"]()'],
  ['Array.from is not', 'var a=Array.from([])'],
  ['Array.prototype is not', 'var a=Array.prototype.slice.call([])'],
  ['.at() is missing', 'var a=[1].at(0)'],
  ['.flatMap() is missing', 'var a=[1].flatMap(function(){})'],
  ['.trimEnd() is missing', 'var a="".trimEnd()'],
  ['.toPrecision() is missing', 'var a=1..toPrecision(2)'],
  ['new must be followed', 'var a=function(){};var b=new(a())'],
  ['declared after code', 'var a=function(){b();function b(){}}'],
  ['declared after code', 'var a=b();function b(){}'],
  ['needs ?', 'var a=/ab?/'],
  ['needs ?', 'var a=/a{2}/'],
  ['needs ?', 'var a=/(?:a)/'],
  ['needs \\b', 'var a=/\\ba/'],
  ['repeats or nests', 'var a=/(ab)+/'],
  ['mixes | with an anchor', 'var a=/^a|b$/'],
  ['a flag other', 'var a=/a/m'],
]

const PASSED: string[] = [
  'var a=function(){function b(){return c()}function c(){return 1}var d=b();return{b:b,d:d}}();',
  'var a=function(b){switch(b){case 1:return 2;default:return 3}}',
  'var a=[1].concat([2]).map(function(b){return b<<1}),b="x".padStart(3,"0"),c=Math.floor(1.5)',
  'var a={at:1,from:2,search:3,of:4};var b=a.at+a.from+a.search+a.of',
  'var a=function(){};a.prototype.search=function(){return 1};var b=new a,c=b.search()',
  `var a={${'x'.repeat(63)}:1}`,
  'var a=/^[?{}|]+$/g,b=/\\d+[^x]*/,c=/(a)-\\?/',
  'var a="\\xff\\0\\x7f",b=typeof unknown,c=null==a?void 0:a',
  'var a=function(){var b;function c(){return b}b=c;return b}()',
  'var a=Object.create({}),b={}.hasOwnProperty.call(a,"c"),c=String.fromCharCode.apply(null,[1])',
]

describe('gate', () => {
  it.each(REFUSED)('refuses %s: %s', (why, text) => {
    expect(inspect(text)).toContain(why)
  })

  it.each(PASSED)('lets pass %s', (text) => {
    expect(inspect(text)).toBe('')
  })

  it('quotes the place, so that the source can be found', () => {
    expect(inspect('var first=1,second=[first].at(0)')).toContain('near: var first=1,second=[first].at(0)')
  })

  it('lets a named native of the board pass, and only that', () => {
    expect(inspect('digitalWrite(1,1)', ['digitalWrite'])).toBe('')
    expect(inspect('digitalRead(1)', ['digitalWrite'])).toContain('digitalRead is not')
  })
})
