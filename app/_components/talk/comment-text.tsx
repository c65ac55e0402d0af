import type { Comment } from "#client/answers.ts";

/** What was said, with the people that it names marked. */
export function CommentText({ comment }: { readonly comment: Comment }) {
  const names = comment.mentions.map(({ name }) => `@${name}`);
  if (names.length === 0) return <p className="whitespace-pre-wrap">{comment.text}</p>;
  const pattern = new RegExp(`(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "g");
  let at = 0;
  return (
    <p className="whitespace-pre-wrap">
      {comment.text.split(pattern).map((part) => {
        const start = at;
        at += part.length;
        return names.includes(part) ? (
          <span key={start} className="rounded bg-accent-soft px-0.5 font-medium text-accent-ink">
            {part}
          </span>
        ) : (
          part
        );
      })}
    </p>
  );
}
