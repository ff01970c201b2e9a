/** Jobs (docs/api.md): what is made of a lesson after it ended. */
import { call } from './http';

export type JobState = 'pending' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  kind: string;
  lesson_id: string | null;
  state: JobState;
  is_cancelled: boolean;
  /** 0 to 1. */
  progress: number;
  step: string;
  error: string | null;
}

export const isOpen = (job: Job): boolean => job.state === 'pending' || job.state === 'running';

export const jobs = {
  job: (job: string, token: string) => call<Job>('GET', `/jobs/${job}`, token),
  ofLesson: (lesson: string, token: string) => call<Job[]>('GET', `/jobs?${new URLSearchParams({ lesson }).toString()}`, token),
  cancel: (job: string, token: string) => call<Job>('POST', `/jobs/${job}/cancel`, token),
  retry: (job: string, token: string) => call<Job>('POST', `/jobs/${job}/retry`, token),
};
