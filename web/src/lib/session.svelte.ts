// Who uses the app, and whether they must log in first.
import { api, ApiError, whenRefused } from './api';
import type { Account, Session } from './records';

class SessionState {
  value = $state.raw<Session | null>(null);
  error = $state.raw<unknown>(null);

  /** null for a stranger. Its name is empty for the owner of a library that has no accounts yet. */
  get account(): Account | null {
    return this.value?.account ?? null;
  }

  /** Whether the library can be used: neither a log-in nor the set-up stands before it. */
  get inside(): boolean {
    return this.account !== null && this.value?.setup_needed === false;
  }

  async refresh(): Promise<void> {
    try {
      this.value = await api.get('/api/session');
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async login(name: string, password: string): Promise<void> {
    this.value = await api.post('/api/session', { body: { name, password } });
  }

  /** The first account, and where the music is. */
  async setUp(name: string, password: string, folders: string[]): Promise<void> {
    this.value = await api.post('/api/setup', { body: { name, password, folders } });
  }

  /** Without an account: whoever sits at the machine is the owner. */
  async setUpFolders(folders: string[]): Promise<void> {
    for (const path of folders) await api.post('/api/sources', { body: { path } });
    await this.refresh();
  }

  async logout(): Promise<void> {
    try {
      await api.delete('/api/session');
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    }
    location.assign(document.baseURI); // A fresh start: nothing of this person stays in memory.
  }
}

export const session = new SessionState();

whenRefused(() => {
  if (session.inside) void session.refresh(); // The session ended: the page to log in comes up.
});
