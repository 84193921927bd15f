// Writes src/api/types.gen.ts from the server's schemas, so that the browser can name no field the server does not have.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const root = resolve(web, '..');

function python() {
  const told = process.env.BRANCHLINE_PYTHON;
  if (told) return told.includes('/') && !isAbsolute(told) ? resolve(web, told) : told;
  const own = resolve(root, '.venv/bin/python');
  return existsSync(own) ? own : 'python3';
}

execFileSync(python(), ['-m', 'server.schemas.typescript', resolve(web, 'src/api/types.gen.ts')], { cwd: root, stdio: 'inherit' });
