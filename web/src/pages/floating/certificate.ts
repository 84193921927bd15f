/**
 * The signed code of an activity certificate, read and verified without the server: `BLC1.<claims>.<signature>` (ledger/rules/certificate.py).
 *
 * Whether a certificate was revoked cannot be known here. Keys are remembered on the device, so that a host without network can still look.
 */

import { verifyAsync } from '@noble/ed25519';
import type { CertificateKeys } from '../../api/types.gen';

export interface Claims {
  number: string;
  memberName: string;
  homeBranchName: string;
  issuedOn: string;
  checkedOn: string | null;
  validUntil: string | null;
  keyId: string;
}
export type Offline = 'good' | 'forged' | 'unknownKey' | 'unreadable';

const KEPT = 'branchline.certificateKeys';

function bytesOf(text: string): Uint8Array | null {
  try {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

interface Read {
  claims: Claims;
  message: Uint8Array;
  signature: Uint8Array;
}

function text(shape: Record<string, unknown>, key: string): string | null {
  const value = shape[key];
  return typeof value === 'string' && value ? value : null;
}

export function readCode(code: string): Read | null {
  const [prefix, body, sealed, ...rest] = code.trim().split('.');
  const [message, signature] = [bytesOf(body ?? ''), bytesOf(sealed ?? '')];
  if (prefix !== 'BLC1' || rest.length || !message?.length || signature?.length !== 64) return null;
  let shape: Record<string, unknown>;
  try {
    shape = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(message)) as Record<string, unknown>;
  } catch {
    return null;
  }
  const [number, memberName, homeBranchName, issuedOn, keyId] = ['no', 'nm', 'bn', 'iat', 'kid'].map((key) => text(shape, key));
  if (shape.typ !== 'BLC1' || !number || !memberName || !homeBranchName || !issuedOn || !keyId) return null;
  const claims = { number, memberName, homeBranchName, issuedOn, keyId, checkedOn: text(shape, 'chk'), validUntil: text(shape, 'exp') };
  return { claims, message, signature };
}

export async function verifyOffline(code: string, keys: CertificateKeys['keys']): Promise<{ verdict: Offline; claims: Claims | null }> {
  const read = readCode(code);
  if (!read) return { verdict: 'unreadable', claims: null };
  const raw = bytesOf(keys[read.claims.keyId] ?? '');
  if (!raw?.length) return { verdict: 'unknownKey', claims: read.claims };
  const right = await verifyAsync(read.signature, read.message, raw).catch(() => false);
  return { verdict: right ? 'good' : 'forged', claims: read.claims };
}

export function keepKeys(fresh: CertificateKeys): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(fresh.keys));
  } catch {
    /* a browser that keeps nothing can still ask online */
  }
}

export function keptKeys(): CertificateKeys['keys'] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    return typeof found === 'object' && found ? (found as CertificateKeys['keys']) : {};
  } catch {
    return {};
  }
}
