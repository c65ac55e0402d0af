/**
 * What is said where a layer was rebuilt on the server while it was open.
 * @param waiting own changes that were made on the old document and are on their way
 */
export function sayRenewed(waiting: number): string {
  const kept = {
    0: "Nothing of yours was lost.",
    1: "Your change that was not sent yet is kept and is being sent now.",
  }[waiting];
  const tidied = "This layer was tidied up on the server and loaded anew.";
  const many = `Your ${waiting} changes that were not sent yet are kept and are being sent now.`;
  return `${tidied} ${kept ?? many} Earlier steps can no longer be undone.`;
}
