/** @param found changes of an earlier visit that this page has taken over */
export function sayRecovered(found: number): string {
  return found === 1
    ? "1 change of an earlier visit was not saved. It is recovered and sent when the server answers."
    : `${found} changes of an earlier visit were not saved. They are recovered and sent when the server answers.`;
}

/** @param waiting own changes that were made on the old document and are on their way */
export function sayRenewed(waiting: number): string {
  const kept = {
    0: "Nothing of yours was lost.",
    1: "Your change that was not sent yet is kept and is being sent now.",
  }[waiting];
  const tidied = "This layer was tidied up on the server and loaded anew.";
  const many = `Your ${waiting} changes that were not sent yet are kept and are being sent now.`;
  return `${tidied} ${kept ?? many} Earlier steps can no longer be undone.`;
}
