// Who uses the app, and whether they must log in first.
import { api, ApiError } from './api';
import type { Account, Session } from './records';

class SessionState {
  value = $state.raw<Session | null>(null);
  error = $state.raw<unknown>(null);

  get account(): Account | null {
    return this.value?.account ?? null;
  }

  /** An administrator, or the owner of a library that has no accounts yet. */
  get mayManage(): boolean {
    return this.value !== null && (this.account?.is_admin ?? true);
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

  async setUp(name: string, password: string, folders: string[]): Promise<void> {
    this.value = await api.post('/api/setup', { body: { name, password, folders } });
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
