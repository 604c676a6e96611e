// A Python with the packages of python/requirements.txt, in a temporary folder.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { here, run } from './support.mjs';

const folder = path.join(here, 'python');

export async function python() {
  const home = await mkdtemp(path.join(tmpdir(), 'gifchat-python-'));
  const remove = () => rm(home, { recursive: true, force: true });
  const program = path.join(home, 'bin/python');
  try {
    await run('python3', ['-m', 'venv', home]);
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await run(program, ['-m', 'pip', 'install', ...quiet, '-r', path.join(folder, 'requirements.txt')]);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    remove,
    /** Runs a program of python/ to its end; fails unless that was a good one. */
    run: (script, ...args) => run(program, [path.join(folder, script), ...args]),
    /** Starts one that says something on the way. */
    start: (script, ...args) =>
      spawn(program, ['-u', path.join(folder, script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] }),
  };
}
