// Tasks: `const task = Task.async(self, work); ... await Task.await(self, task)`.
export {
  async,
  asyncStream,
  awaitMany,
  awaitTask as await,
  type StreamOptions,
  shutdown,
  type Task,
  type TaskOptions,
  type TaskOutcome,
  yieldTask as yield,
} from "./task.ts";
