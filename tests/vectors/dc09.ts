/**
 * Worked examples of SIA DC-05 and SIA DC-09, as data. Source: reporting.md §1.3 and §6 (each frame made by one program,
 * checked by another, and sent to or taken from running receivers as noted there). Frames stand without <LF> and <CR>.
 */

const bytesOf = (text: string): Uint8Array => new Uint8Array([...text].map((letter) => letter.charCodeAt(0)))

/** §6, first paragraph. */
export const KEYS = {
  clear: new Uint8Array(0),
  K128: bytesOf('0123456789ABCDEF'),
  K192: bytesOf('0123456789ABCDEF01234567'),
  K256: bytesOf('0123456789ABCDEFFEDCBA9876543210'),
  KBIN: new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
  /** Sixteen letters A: the key of the field frame F1. */
  KAAA: bytesOf('AAAAAAAAAAAAAAAA'),
}
export type KeyName = keyof typeof KEYS

/** 12:34:56 and 12:34:59 of 2024-10-25 UTC: the stamp of all messages and of all replies below. */
export const SENT_SECONDS = 1729859696
export const REPLY_SECONDS = 1729859699

/** DC-05 blocks with their checksum, §1.3 (lines whose account, code, partition and number are given there). */
export const BLOCKS = [
  { account: '1234', qualifier: 1, code: 131, partition: 1, number: 15, block: '1234181131010158' },
  { account: '1234', qualifier: 3, code: 131, partition: 1, number: 15, block: '1234183131010156' },
  { account: '1234', qualifier: 1, code: 121, partition: 1, number: 5, block: '123418112101005F' },
  { account: '1234', qualifier: 1, code: 570, partition: 1, number: 7, block: '1234181570010070' },
  { account: 'B0F3', qualifier: 1, code: 110, partition: 0, number: 12, block: 'B0F318111000012B' },
  { account: '4F39', qualifier: 3, code: 401, partition: 1, number: 57, block: '4F3918340101057E' },
  { account: '1234', qualifier: 1, code: 401, partition: 1, number: 2, block: '1234181401010027' },
  { account: '1234', qualifier: 1, code: 602, partition: 0, number: 0, block: '1234181602000002' },
]

export interface Message {
  name: string
  key: KeyName
  sequence: number
  receiver: string
  account: string
  /** What stands between '[' and the last ']', '' for the null message. */
  data: string
  isStamped: boolean
  pad: string
  frame: string
}

function clear(
  name: string,
  sequence: number,
  receiver: string,
  account: string,
  data: string,
  isStamped: boolean,
  frame: string,
): Message {
  return { name, key: 'clear', sequence, receiver, account, data, isStamped, pad: '', frame }
}

/** Clear, panel to receiver, §6.1 (C12 is SIA-DCS and B1 has a binary CRC: the panel sends neither). */
export const CLEAR: Message[] = [
  clear(
    'C1 duress, no R, no time',
    1,
    '',
    '1234',
    '#1234|1121 01 005',
    false,
    '2BB40027"ADM-CID"0001L0#1234[#1234|1121 01 005]',
  ),
  clear(
    'C2 duress, R1, time',
    2,
    'R1',
    '1234',
    '#1234|1121 01 005',
    true,
    '4ACC003D"ADM-CID"0002R1L0#1234[#1234|1121 01 005]_12:34:56,10-25-2024',
  ),
  clear(
    'C3 burglary restore, zone 17',
    3,
    'R0',
    'ABCDEF',
    '#ABCDEF|3130 02 017',
    true,
    '302B0041"ADM-CID"0003R0L0#ABCDEF[#ABCDEF|3130 02 017]_12:34:56,10-25-2024',
  ),
  clear(
    'C4 disarm by user 2, sequence 9999',
    9999,
    '',
    '1234',
    '#1234|1401 01 002',
    true,
    'E411003B"ADM-CID"9999L0#1234[#1234|1401 01 002]_12:34:56,10-25-2024',
  ),
  clear('C5 NULL', 0, '', '1234', '', false, '1EF20013"NULL"0000L0#1234[]'),
  clear('C6 NULL with time', 0, 'R0', '1234', '', true, '1EB30029"NULL"0000R0L0#1234[]_12:34:56,10-25-2024'),
  clear(
    'C11 two blocks of extended data',
    4,
    'R1',
    '1234',
    '#1234|1121 01 005][H12:34:50,10-25-2024][M0002A1B2C3D4',
    true,
    '40FC0062"ADM-CID"0004R1L0#1234[#1234|1121 01 005][H12:34:50,10-25-2024][M0002A1B2C3D4]_12:34:56,10-25-2024',
  ),
]

function sealed(
  name: string,
  key: KeyName,
  sequence: number,
  receiver: string,
  account: string,
  data: string,
  pad: string,
  frame: string,
): Message {
  return { name, key, sequence, receiver, account, data, isStamped: true, pad, frame }
}

/** Encrypted, panel to receiver, §6.2. */
export const ENCRYPTED: Message[] = [
  sealed(
    'E1 K128, duress',
    'K128',
    6,
    '',
    '1234',
    '#1234|1121 01 005',
    'Qm7Zp2Xv9',
    '29EB0076"*ADM-CID"0006L0#1234[D72291D38AB084FD3D16E491F44CBD29940B68FA5AE858BD0F24ADDCCD7FB56398E90D045FBC32E453C9551513596B45',
  ),
  sealed(
    'E2 K128, NULL with |',
    'K128',
    0,
    '',
    '1234',
    '',
    'Qm7Zp2Xv9L',
    'F30B0053"*NULL"0000L0#1234[D998D9B8858B935AC35DC84023ECF853E572DEED42B837D2801E80FAFAF77113',
  ),
  sealed(
    'E5 K256, duress, R1',
    'K256',
    7,
    'R1',
    '1234',
    '#1234|1121 01 005',
    'Qm7Zp2Xv9',
    '22820078"*ADM-CID"0007R1L0#1234[E01F1086A5000CC68BB475465B33EBBEC32BFA88F9FBB166622252F2A127B756115BE632177668010EF460A665F67C2E',
  ),
  sealed(
    'E6 K192',
    'K192',
    8,
    '',
    '1234',
    '#1234|1121 01 005',
    'Qm7Zp2Xv9',
    '8C690076"*ADM-CID"0008L0#1234[07E56E6D190AD7046FE4AC8B68250BA8B6AA671DD622F393D133FEE88F44DE295E79F0ED3C2D6CC3DF6A88C71F5BC418',
  ),
  sealed(
    'E7 KBIN',
    'KBIN',
    9,
    '',
    '1234',
    '#1234|1121 01 005',
    'Qm7Zp2Xv9',
    '499E0076"*ADM-CID"0009L0#1234[55EB261078E4A3992C862D62A12BA82396C77071A34CCAC277BD390FB3FF3894920B0368CBAE6DF74E2596FC6A334318',
  ),
  sealed(
    'E8 K128, 13-digit account, 16 pad bytes',
    'K128',
    10,
    '',
    '0123456789ABC',
    '#0123456789ABC|1121 01 005',
    'Qm7Zp2Xv9Lk4Wc8T',
    '4146009F"*ADM-CID"0010L0#0123456789ABC[DBEDE346BB93D1851DACCCE448D5D6B477EABAC63995B6C539763367EAEF261C5C2FF1408D9B7C784F5201A936854E15F94ABFB9BD476201522316AE11B85761',
  ),
]

/** Legal, but not as the panel writes it: null messages without '|', and their text, §6.2. */
export const ENCRYPTED_BY_OTHERS: { name: string; key: KeyName; text: string; frame: string }[] = [
  {
    name: 'E9',
    key: 'K128',
    text: 'Qm7Zp2Xv9Lk]_12:34:56,10-25-2024',
    frame: 'DAF00053"*NULL"0000L0#1234[5ABA6CB9AF5602B62AB4D0F04364153F48C9EB8DB95F961FD470E18B532E7D5B',
  },
  {
    name: 'F1',
    key: 'KAAA',
    text: 'ppppppppppp]_18:24:52,07-05-2020',
    frame: '76D80055"*NULL"0000R0L0#AAAB[B4BC8B40D0E6D959D6BEA78E88CC0B2155741A3C44FBB96D476A3E557CAD64D9',
  },
]

export interface Reply {
  name: string
  key: KeyName
  /** Sequence of the message in flight; its account is 1234. */
  sequence: number
  means: 'ACK' | 'NAK' | 'DUH' | 'IGNORED'
  nakSeconds: number
  frame: string
}

function answer(name: string, sequence: number, means: Reply['means'], nakSeconds: number, frame: string): Reply {
  return { name, key: 'clear', sequence, means, nakSeconds, frame }
}

/** Receiver to panel, §6.3; R8 (bare NAK), R9 (<LF><CR>) and R10 (C9 twice) are not single frames. */
export const REPLIES: Reply[] = [
  answer('C7 ACK of C1', 1, 'ACK', 0, '1BC10012"ACK"0001L0#1234[]'),
  answer('C8 ACK of C2', 2, 'ACK', 0, '1AB20014"ACK"0002R1L0#1234[]'),
  answer('C9 NAK', 1, 'NAK', REPLY_SECONDS, '18D30025"NAK"0000R0L0A0[]_12:34:59,10-25-2024'),
  answer('C10 DUH to C1', 1, 'DUH', 0, '251F0012"DUH"0001L0#1234[]'),
  answer('C13 ACK of C5', 0, 'ACK', 0, 'DE900012"ACK"0000L0#1234[]'),
  answer('R1 None where R is missing', 1, 'ACK', 0, '62D50016"ACK"0001NoneL0#1234[]'),
  answer('R2 ACK with time', 1, 'ACK', 0, '4D810026"ACK"0001L0#1234[]_12:34:59,10-25-2024'),
  answer('R3 ACK without account and brackets', 1, 'ACK', 0, '34BE000B"ACK"0001L0'),
  answer('R6 NAK, L before R', 1, 'NAK', REPLY_SECONDS, '18AD0025"NAK"0000L0R0A0[]_12:34:59,10-25-2024'),
  answer('R7 NAK, R1', 1, 'NAK', REPLY_SECONDS, '9A2D0025"NAK"0000R1L0A0[]_12:34:59,10-25-2024'),
  answer('R11 DUH without sequence, account and brackets', 1, 'DUH', 0, '9159000B"DUH"0000L0'),
  answer('R12 RSP', 1, 'ACK', 0, 'AB480014"RSP"0001R1L0#1234[]'),
  answer('R13 ACK of 0006 while 0007 is in flight', 7, 'IGNORED', 0, 'C1700012"ACK"0006L0#1234[]'),
]

function sealedAnswer(name: string, sequence: number, frame: string): Reply {
  return { name, key: 'K128', sequence, means: 'ACK', nakSeconds: 0, frame }
}

/** Encrypted replies with K128, §6.3; their stamp is REPLY_SECONDS. */
export const ENCRYPTED_REPLIES: Reply[] = [
  sealedAnswer(
    'E3 *ACK of E1',
    6,
    'EBB60052"*ACK"0006L0#1234[D998D9B8858B935AC35DC84023ECF853C056199D4CD38D483B3FFD7F4F27DC93',
  ),
  sealedAnswer(
    'E4 *ACK of E2',
    0,
    '8C5C0052"*ACK"0000L0#1234[D998D9B8858B935AC35DC84023ECF853C056199D4CD38D483B3FFD7F4F27DC93',
  ),
  sealedAnswer(
    'R4 pad of 0, no |',
    6,
    '099D0054"*ACK"0006R1L0#1234[FDCE434358276C8338D6F0A710B574852850BACDA800816C7F7445776B6CB80D',
  ),
  sealedAnswer(
    'R5 pad of NUL, sixteen bytes behind the stamp, lower-case hex',
    6,
    '87520072"*ACK"0006L0#1234[58e3e07eb1edb2d939e7e56c019c3e30674769839e08eb35506b6bb0d350a56fcc5e1ad1d9711125d36882d6a60cd133',
  ),
]

/** Frames of other makers' panels and receivers, §6.4: their CRC and length are right. */
export const FIELD = [
  '9EC40027"ADM-CID"0001L0#1002[#1002|1602 00 001]',
  'A3AC0029"ADM-CID"6855R0L0#AAAA[#AAAA|3441 01 042]',
  '7449003F"ADM-CID"0078R1L0#AAAA[#00AAAA|3407 01 001]_01:59:16,09-21-2023',
  '9B2F0041"ADM-CID"1285R1L0#AAAAAA[#AAAAAA|3408 01 000]_13:26:16,10-04-2023',
  'A7C70040"ADM-CID"0224L000000#5555[#5555|3407 01 503]_09:06:27,01-15-2024',
  'F68B003B"ADM-CID"0028L0#9757[#9757|1602 00 000]_20:59:45,02-20-2024',
  '99820040"ADM-CID"1937R15L1#21401[#21401|1602 00 000]_20:59:59,02-20-2024',
  'F92F0043"ADM-CID"0020R7896L7896#3456[#3456|1407 00 001]_17:01:14,07-26-2024',
  'B0970029"NULL"0000L000#0809[]_21:00:01,02-20-2024',
  '821F003A"NULL"0000R0L0#AAAB[#0000|0000 00 000]_18:25:49,07-05-2020',
  'EA740027"NULL"0000L0#1409[]_20:38:07,08-27-2026',
  '59890012"ACK"0000L0#1409[]',
  '1CB00025"NAK"0000R0L0A0[]_16:56:28,08-07-2019',
  'E4410025"NAK"0000R0L0A0[]_16:20:01,09-24-2025',
  '1524003A"SIA-DCS"0005L0#1234[#1234|Nri1/HA005]_12:34:56,10-25-2024',
]
