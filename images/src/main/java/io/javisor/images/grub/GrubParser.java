package io.javisor.images.grub;

import io.javisor.images.ImageException;
import io.javisor.images.grub.GrubLexer.Kind;
import io.javisor.images.grub.GrubLexer.Token;
import io.javisor.images.grub.GrubNode.Part;
import io.javisor.images.grub.GrubNode.Place;
import io.javisor.images.grub.GrubNode.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Parses a script. */
final class GrubParser {
    /** What grub-mkconfig writes is four deep. */
    private static final int DEPTH_MAX = 64;

    /** Of one file: each is an object or more. What grub-mkconfig writes has a few thousand. */
    private static final int WORD_COUNT_MAX = 50_000;

    private static final Set<String> CLOSING = Set.of("then", "elif", "else", "fi", "do", "done");

    /** Neither commands nor variables. */
    private static final Set<String> KEYWORDS = Set.of(
            "then",
            "elif",
            "else",
            "fi",
            "do",
            "done",
            "case",
            "esac",
            "for",
            "function",
            "if",
            "in",
            "select",
            "until",
            "while");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final String name;
    private final GrubLexer lexer;
    private int depth;
    private int wordCount;
    private boolean drops;
    private boolean unended; // whether nothing ends the command that was read last

    private GrubParser(String name, GrubLexer lexer) {
        this.name = name;
        this.lexer = lexer;
    }

    /**
     * @param name the file's, for messages
     * @param file whether it is the text of a file, not of a variable
     * @throws ImageException in one line, if a construct is not closed or nothing to open it is there
     */
    static List<GrubNode> parse(String name, String text, boolean file) {
        GrubParser parser = new GrubParser(name, new GrubLexer(name, text, file));
        List<GrubNode> nodes = parser.list();
        if (parser.lexer.peek().kind() != Kind.END) {
            throw parser.unexpected(parser.lexer.peek());
        }
        return nodes;
    }

    /** Up to something that closes a construct, which is left for the caller. */
    private List<GrubNode> list() {
        if (++depth > DEPTH_MAX) {
            throw problem(lexer.peek(), "it is nested more than %d deep".formatted(DEPTH_MAX));
        }
        List<GrubNode> nodes = new ArrayList<>();
        boolean command = false;
        int line = 0; // where the nodes begin of what GRUB reads at once
        unended = false;
        while (true) {
            Token token = lexer.peek();
            switch (token.kind()) {
                case NEWLINE -> {
                    lexer.next();
                    line = nodes.size();
                    command = false;
                    unended = false;
                }
                case SEMICOLON -> {
                    if (!command) {
                        throw problem(token, "';' has no command before it");
                    }
                    command = false;
                    unended = false;
                    lexer.next();
                }
                case END, CLOSE -> {
                    if (lexer.isCutOff()) { // GRUB gives up what it has read
                        nodes.subList(line, nodes.size()).clear();
                    }
                    depth--;
                    return nodes;
                }
                case OPEN -> throw unexpected(token);
                case WORD -> {
                    if (unended) {
                        throw problem(token, "nothing ends the command before it");
                    }
                    if (CLOSING.stream().anyMatch(token::is)) {
                        depth--;
                        return nodes;
                    }
                    GrubNode node = node(token);
                    if (drops) {
                        Kind next = lexer.peek().kind();
                        if (next != Kind.NEWLINE && next != Kind.END) {
                            throw nothingIn(lexer.peek());
                        }
                        drops = false;
                        nodes.subList(line, nodes.size()).clear();
                    } else if (node instanceof GrubNode.Function) {
                        // One is there as soon as it is read.
                        nodes.add(line++, node);
                    } else {
                        nodes.add(node);
                    }
                    command = true;
                    unended = true;
                }
            }
        }
    }

    /**
     * Of a construct: one without a command is a syntax error to GRUB, which goes on with the next line. So a construct that is in no other and ends
     * there is passed by, with what is before it in its line; what is left of others would be read as something else.
     */
    private List<GrubNode> body() {
        List<GrubNode> nodes = list();
        Token close = lexer.peek();
        if (nodes.isEmpty() && close.kind() != Kind.END) {
            boolean ends = close.kind() == Kind.CLOSE || close.is("fi") || close.is("done");
            if (depth != 1 || !ends) {
                throw nothingIn(close);
            }
            drops = true;
        }
        return nodes;
    }

    private ImageException nothingIn(Token token) {
        return problem(token, "there is no command before what closes it");
    }

    private GrubNode node(Token first) {
        if (first.is("if")) {
            lexer.next();
            return conditional(place(first));
        }
        if (first.is("while") || first.is("until")) {
            lexer.next();
            List<GrubNode> condition = body();
            return new GrubNode.While(place(first), first.is("until"), condition, loopBody());
        }
        if (first.is("for")) {
            lexer.next();
            Word variable = name("a variable");
            expect("in");
            return new GrubNode.For(place(first), variable, words(), loopBody());
        }
        if (first.is("function")) {
            if (depth != 1) {
                throw problem(first, "a function is defined in something else");
            }
            lexer.next();
            Word functionName = name("a name");
            skipNewlines();
            return new GrubNode.Function(place(first), functionName, block(true));
        }
        if (KEYWORDS.stream().anyMatch(first::is)) {
            throw unexpected(first);
        }
        List<Word> words = words();
        if (lexer.peek().kind() != Kind.OPEN) {
            return new GrubNode.Command(place(first), words);
        }
        return new GrubNode.Block(place(first), words, block(false));
    }

    /** Behind {@code if} or {@code elif}. */
    private GrubNode conditional(Place place) {
        List<GrubNode> condition = body();
        expect("then");
        List<GrubNode> then = body();
        Token token = lexer.next();
        if (token.is("elif")) {
            if (++depth > DEPTH_MAX) {
                throw problem(token, "it has more than %d cases".formatted(DEPTH_MAX));
            }
            List<GrubNode> otherwise = List.of(conditional(place(token)));
            depth--;
            return new GrubNode.If(place, condition, then, otherwise);
        }
        List<GrubNode> otherwise = List.of();
        if (token.is("else")) {
            otherwise = body();
            token = lexer.next();
        }
        if (!token.is("fi")) {
            throw problem(token, "'fi' is missing");
        }
        return new GrubNode.If(place, condition, then, otherwise);
    }

    private List<GrubNode> loopBody() {
        skipSeparators();
        expect("do");
        List<GrubNode> body = body();
        expect("done");
        return body;
    }

    private List<GrubNode> block(boolean ended) {
        Token open = lexer.next();
        if (open.kind() != Kind.OPEN) {
            throw problem(open, "'{' is missing");
        }
        List<GrubNode> body = body();
        Token close = lexer.next();
        if (close.kind() != Kind.CLOSE) {
            throw problem(close, "'}' is missing");
        }
        if (ended && unended) {
            throw problem(close, "nothing ends the command before it");
        }
        return body;
    }

    private List<Word> words() {
        List<Word> words = new ArrayList<>();
        while (lexer.peek().kind() == Kind.WORD) {
            Token token = lexer.next();
            if (++wordCount > WORD_COUNT_MAX) {
                throw problem(token, "it has more than %d words".formatted(WORD_COUNT_MAX));
            }
            if (!token.word().isNothing()) {
                words.add(token.word());
            }
        }
        return words;
    }

    private Word name(String what) {
        Token token = lexer.next();
        List<Part> parts = token.word().parts();
        boolean plain = parts.size() == 1
                && !parts.getFirst().variable()
                && !parts.getFirst().quoted()
                && NAME.matcher(parts.getFirst().text()).matches()
                && KEYWORDS.stream().noneMatch(token::is);
        if (token.kind() != Kind.WORD || !plain) {
            throw problem(token, what + " is missing");
        }
        return token.word();
    }

    private void expect(String keyword) {
        Token token = lexer.next();
        if (!token.is(keyword)) {
            throw problem(token, "'%s' is missing".formatted(keyword));
        }
    }

    private void skipSeparators() {
        if (lexer.peek().kind() == Kind.SEMICOLON) {
            lexer.next();
        }
        skipNewlines();
    }

    private void skipNewlines() {
        while (lexer.peek().kind() == Kind.NEWLINE) {
            lexer.next();
        }
    }

    private ImageException unexpected(Token token) {
        return problem(token, "something is closed or opened that should not be");
    }

    private Place place(Token token) {
        return new Place(name, token.line());
    }

    private ImageException problem(Token token, String what) {
        return new ImageException("%s, line %d: %s".formatted(name, token.line(), what));
    }
}
