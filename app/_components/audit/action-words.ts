/** An action's code as a reader says it: "guideline.published" becomes "guideline published". */
export function actionWords(action: string): string {
  return action.replace(/[._-]+/g, " ");
}
