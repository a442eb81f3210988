// Sends files with progress, which fetch cannot tell.
import { address, ApiError, problemIn } from './api';

/** The server's answer; `onprogress` hears shares from 0 to 1 of what was sent. */
export function upload<T>(
  path: string,
  files: readonly File[],
  onprogress: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  const form = new FormData();
  for (const file of files) form.append('files', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address(path));
    request.responseType = 'json';
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('X-Segue', '1');
    request.upload.onprogress = ({ loaded, total }) => onprogress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 300) return resolve(request.response as T);
      reject(problemIn(request.response, request.status));
    };
    request.onerror = () => reject(new ApiError(0, 'No answer from the server', ''));
    request.onabort = () => reject(new DOMException('Given up', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
