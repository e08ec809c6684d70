"""Splits a text into the words, signs and parts of words that are looked for. Only by Spark's own functions: the saved model needs none of our code."""

from pyspark.ml import Transformer
from pyspark.ml.feature import CountVectorizerModel, RegexTokenizer, SQLTransformer, StopWordsRemover

from training import signs

# Things that are rarely written twice in the same way, but say what a message is about. Tried in this order.
# A text may have a megabyte, so no pattern looks at a character again and again: an address begins where nothing can stand before
# it, and a host name has at most ten parts before its last. Java goes one call deeper for each part: 1,785 overflowed its stack,
# and an overflow in a task ends the JVM.
MARKS = {
    "email": r"(?<![^\s@])[^\s@]+@[^\s@]+\.\w+",
    "url": r"(https?://|www\.)\S+|\b([\w-]{1,63}\.){1,10}(com|co\.uk|net|org|uk|tv|biz|info)\b\S*",
    "money": r"[£$€]\s?\d[\d.,]*\w*|\b\d+(\.\d+)?\s?(p|ppm|pence|pounds?|quid)\b(/\w+)?",
    "phone": r"\+?\d[\d -]{8,}\d",
    "shortcode": r"\b\d{5,6}\b",
    "number": r"\d+",
}

# A mark, a run of letters, digits and apostrophes, or one or two characters of punctuation: `!!` says more than `!`.
# Punctuation never begins like a mark or a sign.
WORD = r"<\w+>|[\p{L}\p{N}']+|[\p{P}\p{S}&&[^'<]]{1,2}"

# Characters in a part of a word, and in what has parts of a longer word: each part takes as long as the word.
PART, LONGEST = 4, 100


def marked(column: str) -> str:
    """The SQL expression that puts `<url>`, `<money>` and so on in the place of what the marks describe, in lower case."""
    expression = f"lower({column})"
    for mark, pattern in MARKS.items():
        expression = f"regexp_replace({expression}, r'{pattern}', ' <{mark}> ')"
    return expression


def parts(column: str) -> str:
    """The SQL expression for all runs of `PART` characters in an array of words, each word with its ends marked: `~win~`.

    Marks and punctuation have no parts, and a word longer than `LONGEST` has those of its beginning.
    """
    inside = f"transform(sequence(1, greatest(length(w) - {PART - 3}, 1)), i -> substring('~' || w || '~', i, {PART}))"
    words = rf"filter({column}, w -> w rlike r'^[\p{{L}}\p{{N}}\x27]')"
    return f"flatten(transform(transform({words}, w -> left(w, {LONGEST})), w -> {inside}))"


def splitters(*, characters: bool) -> list[Transformer]:
    """Stages that turn the column `text` into `kept`, its words without English stop words, and that into `tokens`.

    Marks and punctuation are kept as well. `tokens` are the kept words, the text's signs and, with `characters`, the parts
    of the words.
    """
    arrays = ["kept", signs.tokens("text"), *([parts("kept")] if characters else [])]
    return [
        SQLTransformer(statement=f"SELECT *, {marked('text')} AS marked FROM __THIS__"),  # noqa: S608  # constants only
        RegexTokenizer(inputCol="marked", outputCol="words", pattern=WORD, gaps=False),
        StopWordsRemover(inputCol="words", outputCol="kept"),
        SQLTransformer(statement=f"SELECT *, concat({', '.join(arrays)}) AS tokens FROM __THIS__"),  # noqa: S608  # the same
    ]


def looking_for(vocabulary: list[str]) -> CountVectorizerModel:
    """Turns `tokens` into `features`: 1.0 for each token of the vocabulary that is there, however often."""
    return CountVectorizerModel.from_vocabulary(vocabulary, inputCol="tokens", outputCol="features").setBinary(True)
