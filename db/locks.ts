/** Every advisory lock of ours, in one place so that no two are the same. */
export const LOCKS = {
  /** Held while tables are brought up to date. */
  migration: 0x0c0_4c_0d1,
  /** Held by the one Concord that works on a database, or shared by its nodes. */
  owner: 0x0c0_4c_0d2,
  /** Held while an entry is added to the audit chain. */
  audit: 0x0c0_4c_0d3,
  /** Held by the node that makes tasks. */
  tasks: 0x0c0_4c_0d4,
  /** Held while signals between nodes are added, so that their numbers are in the order of their commits. */
  signals: 0x0c0_4c_0d5,
  /** Held by the node that furnishes a database at its start; what it does takes the audit's lock in between. */
  start: 0x0c0_4c_0d6,
  /** Held by the node that measures what drafts may ask about pairs of outlines. */
  pairs: 0x0c0_4c_0d9,
  /** Held by the node that fills the demo while the product already answers. */
  demo: 0x0c0_4c_0d8,
} as const;

/** Held while a layer is rewritten as a whole; the second key of the lock is the layer's. One-key locks are others. */
export const LAYER_LOCK = 0x0c0_4c_0d7;
