/**
 * Published examples for the natives that the interpreter has built in, as data; all bytes as hex digits.
 *
 * Sources: SHA-256: FIPS 180-2 appendix B.1 and B.2, and NIST's "Examples with Intermediate Values" for the empty, the
 * 896-bit and the longer messages. PBKDF2-HMAC-SHA256: RFC 7914 §11, and the inputs of RFC 6070 with SHA-256 in place of
 * SHA-1, as the test suites of CPython and Go have them. AES-CBC: NIST SP 800-38A, F.2.1 to F.2.6. CRC-32: the check
 * value of CRC-32/ISO-HDLC.
 */

export interface DigestVector {
  name: string
  messageHex: string
  digestHex: string
}

const TWO_BLOCKS = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'
const BITS_896 =
  'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu'

export const SHA256: DigestVector[] = [
  {
    name: 'no bytes',
    messageHex: '',
    digestHex: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  },
  {
    name: 'abc',
    messageHex: hexOf('abc'),
    digestHex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  {
    name: '448 bits, which take two blocks',
    messageHex: hexOf(TWO_BLOCKS),
    digestHex: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  },
  {
    name: '896 bits',
    messageHex: hexOf(BITS_896),
    digestHex: 'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
  },
  {
    name: '1000 letters A',
    messageHex: '41'.repeat(1000),
    digestHex: 'c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4',
  },
]

export interface KeyVector {
  secretHex: string
  saltHex: string
  iterations: number
  keyHex: string
}

export const PBKDF2_SHA256: KeyVector[] = [
  // RFC 7914 §11.
  {
    secretHex: hexOf('passwd'),
    saltHex: hexOf('salt'),
    iterations: 1,
    keyHex:
      '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc' +
      '49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
  },
  {
    secretHex: hexOf('Password'),
    saltHex: hexOf('NaCl'),
    iterations: 80000,
    keyHex:
      '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56' +
      'a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d',
  },
  // Inputs of RFC 6070.
  {
    secretHex: hexOf('password'),
    saltHex: hexOf('salt'),
    iterations: 1,
    keyHex: '120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b',
  },
  {
    secretHex: hexOf('password'),
    saltHex: hexOf('salt'),
    iterations: 2,
    keyHex: 'ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43',
  },
  {
    secretHex: hexOf('password'),
    saltHex: hexOf('salt'),
    iterations: 4096,
    keyHex: 'c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a',
  },
  {
    secretHex: hexOf('passwordPASSWORDpassword'),
    saltHex: hexOf('saltSALTsaltSALTsaltSALTsaltSALTsalt'),
    iterations: 4096,
    keyHex: '348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1c635518c7dac47e9',
  },
  {
    secretHex: hexOf('pass\0word'),
    saltHex: hexOf('sa\0lt'),
    iterations: 4096,
    keyHex: '89b69d0516f829893c696226650a8687',
  },
]

export interface CipherVector {
  name: string
  keyHex: string
  vectorHex: string
  plainHex: string
  cipherHex: string
}

const VECTOR = '000102030405060708090a0b0c0d0e0f'
const PLAIN =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
  '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710'

/** Each is checked in both directions. */
export const AES_CBC: CipherVector[] = [
  {
    name: 'F.2.1 and F.2.2, AES-128',
    keyHex: '2b7e151628aed2a6abf7158809cf4f3c',
    vectorHex: VECTOR,
    plainHex: PLAIN,
    cipherHex:
      '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2' +
      '73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
  },
  {
    name: 'F.2.3 and F.2.4, AES-192',
    keyHex: '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
    vectorHex: VECTOR,
    plainHex: PLAIN,
    cipherHex:
      '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a' +
      '571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd',
  },
  {
    name: 'F.2.5 and F.2.6, AES-256',
    keyHex: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    vectorHex: VECTOR,
    plainHex: PLAIN,
    cipherHex:
      'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d' +
      '39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
  },
]

export const CRC32 = [{ name: '123456789', messageHex: hexOf('123456789'), value: 0xcbf43926 }]

function hexOf(text: string): string {
  return [...text].map((letter) => `0${letter.charCodeAt(0).toString(16)}`.slice(-2)).join('')
}
