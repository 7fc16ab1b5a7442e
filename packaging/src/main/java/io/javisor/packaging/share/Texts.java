package io.javisor.packaging.share;

import java.util.IllegalFormatException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The model's texts as a reader is to see them. */
final class Texts {
    private Texts() {}

    /** Without picocli's markup and format specifiers; may have several lines. */
    static String plain(String text) {
        String formatted;
        try {
            formatted = String.format(text); // as picocli does: %n, %%
        } catch (IllegalFormatException e) {
            formatted = text;
        }
        return Ansi.OFF.string(formatted);
    }

    static List<String> paragraphs(String[] texts) {
        return Stream.of(texts).map(Texts::plain).toList();
    }

    /** The first sentence of the header, where there is one, or of the description. */
    static String summary(CommandSpec spec) {
        String header = firstSentence(spec.usageMessage().header());
        return header.isEmpty() ? firstSentence(spec.usageMessage().description()) : header;
    }

    /** The summary as a phrase: starting small. */
    static String phrase(CommandSpec spec) {
        String sentence = summary(spec);
        return sentence.length() > 1 && Character.isLowerCase(sentence.charAt(1))
                ? sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1)
                : sentence;
    }

    /** Without its full stop. */
    static String firstSentence(String[] description) {
        String text = String.join(" ", paragraphs(description)).strip().replaceAll("\\s+", " ");
        int end = text.indexOf(". ");
        String sentence = end < 0 ? text : text.substring(0, end);
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    static List<CommandSpec> commands(CommandSpec spec) {
        return spec.subcommands().values().stream()
                .map(picocli.CommandLine::getCommandSpec)
                .filter(command -> !command.usageMessage().hidden())
                .distinct()
                .toList();
    }

    static List<OptionSpec> options(CommandSpec spec) {
        return spec.options().stream().filter(option -> !option.hidden()).toList();
    }

    static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }
}
