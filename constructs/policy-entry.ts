/** A construct that is one named entry of a door's document. Its problems fail synthesis at its own construct path. */
import type { Section } from "./checks/check.js";
import { freeId } from "./checks/duplicate-name.js";
import type { Door } from "./door.js";
import { Construct } from "./framework.js";
import { PolicyDraft } from "./policy-draft.js";

/** Where an entry stands: in the document, and in the construct tree when that is not below the door itself. */
interface Place {
  readonly section: Section;
  /** Default: the door. */
  readonly scope?: Construct;
  /** Default: the id. */
  readonly entryName?: string;
}

export abstract class PolicyEntry extends Construct {
  readonly section: Section;
  /** The entry's name in the policy document. */
  readonly entryName: string;

  protected constructor(
    readonly door: Door,
    id: string,
    { section, scope = door, entryName = id }: Place,
  ) {
    // A caller in JavaScript may pass anything, or forget it.
    const given = door as Partial<Door> | undefined;
    if (!(given?.policy instanceof PolicyDraft)) {
      const on = given?.node?.path ?? "nothing";
      throw new TypeError(`[${on}] [not-a-door] \`${id}\` must be created on a ZeroTrustProxy. Pass the door as its scope.`);
    }
    super(scope, freeId(scope, id));
    this.section = section;
    this.entryName = entryName;
    this.node.addValidation({ validate: () => door.policy.failuresOf(this) });
  }

  /** Writes the entry into the document. */
  protected define(value: object): void {
    this.door.policy.add(this, value);
  }
}
