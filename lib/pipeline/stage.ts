/**
 * The pipeline's mechanism. A stage is a function that needs what earlier stages established and returns what it adds,
 * or a denial. The builder checks the order by types: a stage put before what it needs does not compile. Whatever a
 * stage throws denies the call.
 */
import { type Denial, deny, isDenial, SallyportError } from "../errors.js";
import type { Door } from "./door.js";

export type Stage<Needs, Adds extends object> = (known: Needs, door: Door) => Adds | Denial | Promise<Adds | Denial>;

// biome-ignore lint/suspicious/noExplicitAny: a list of stages holds every shape; `Pipeline.add` checks each
export type AnyStage = Stage<any, any>;

/** What the stages established, and why they stopped if they did. */
export interface Run<Known> {
  readonly known: Partial<Known>;
  readonly denial: Denial | undefined;
}

export class Pipeline<Start, Known extends Start = Start> {
  private constructor(readonly stages: readonly AnyStage[]) {}

  static start<Start>(): Pipeline<Start> {
    return new Pipeline<Start>([]);
  }

  add<Adds extends object>(stage: Stage<Known, Adds>): Pipeline<Start, Known & Adds> {
    return new Pipeline<Start, Known & Adds>([...this.stages, stage]);
  }

  /** The same pipeline without one stage: for the tests that show what each stage is there for. */
  without(name: string): Pipeline<Start, Known> {
    return new Pipeline<Start, Known>(this.stages.filter((stage) => stage.name !== name));
  }

  async run(start: Start, door: Door): Promise<Run<Known>> {
    let known = { ...start } as Partial<Known>;
    try {
      for (const stage of this.stages) {
        const added = stage(known, door);
        const settled = added instanceof Promise ? await added : added;
        if (isDenial(settled)) return { known, denial: settled };
        known = { ...known, ...settled }; // `Object.assign` would turn an object that grows so far into a slow dictionary.
      }
      return { known, denial: undefined };
    } catch (fault) {
      return { known, denial: denialOf(fault) };
    }
  }
}

/** A fault as the denial it causes. An unexpected one keeps its message for the operator; the caller sees INTERNAL. */
export function denialOf(fault: unknown): Denial {
  if (fault instanceof SallyportError) return deny(fault.code, { ...fault.details, ...causeOf(fault) });
  return deny("INTERNAL", causeOf({ cause: fault }));
}

const causeOf = ({ cause }: { cause?: unknown }): { cause?: string } =>
  cause instanceof Error ? { cause: `${cause.name}: ${cause.message}` } : {};
