package io.javisor.firmware.grub;

import io.javisor.firmware.grub.GrubLexer.Kind;
import io.javisor.firmware.grub.GrubLexer.Token;
import io.javisor.firmware.grub.GrubNode.Place;
import io.javisor.firmware.grub.GrubNode.Word;
import io.javisor.firmware.image.BootException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses a script. */
final class GrubParser {
    /** What grub-mkconfig writes is four deep. */
    private static final int DEPTH_MAX = 64;

    /** Of one file: each is an object or more. What grub-mkconfig writes has a few thousand. */
    private static final int WORD_COUNT_MAX = 50_000;

    private static final Set<String> CLOSING = Set.of("then", "elif", "else", "fi", "do", "done");

    private final String name;
    private final GrubLexer lexer;
    private int depth;
    private int wordCount;
    private boolean drops;

    private GrubParser(String name, GrubLexer lexer) {
        this.name = name;
        this.lexer = lexer;
    }

    /**
     * @param name the file's, for messages
     * @throws BootException in one line, if a construct is not closed or nothing to open it is there
     */
    static List<GrubNode> parse(String name, String text) {
        GrubParser parser = new GrubParser(name, new GrubLexer(name, text));
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
        while (true) {
            Token token = lexer.peek();
            switch (token.kind()) {
                case NEWLINE -> lexer.next();
                case SEMICOLON -> {
                    if (!command) {
                        throw problem(token, "';' has no command before it");
                    }
                    command = false;
                    lexer.next();
                }
                case END, CLOSE -> {
                    depth--;
                    return nodes;
                }
                case OPEN -> throw unexpected(token);
                case WORD -> {
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
                    } else {
                        nodes.add(node);
                    }
                    command = true;
                }
            }
        }
    }

    /**
     * Of a construct: one without a command is a syntax error to GRUB, which goes on with the next line. So a construct that is in no other and ends
     * there is passed by; what is left of others would be read as something else.
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

    private BootException nothingIn(Token token) {
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
            Word variable = word("a variable");
            expect("in");
            return new GrubNode.For(place(first), variable, words(), loopBody());
        }
        if (first.is("function")) {
            lexer.next();
            Word functionName = word("a name");
            skipSeparators();
            return new GrubNode.Function(place(first), functionName, block());
        }
        List<Word> words = words();
        if (lexer.peek().kind() != Kind.OPEN) {
            return new GrubNode.Command(place(first), words);
        }
        List<GrubNode> entry = block();
        if (entry.isEmpty()) { // it may have a number in the menu all the same
            throw nothingIn(first);
        }
        return new GrubNode.Block(place(first), words, entry);
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

    private List<GrubNode> block() {
        Token open = lexer.next();
        if (open.kind() != Kind.OPEN) {
            throw problem(open, "'{' is missing");
        }
        List<GrubNode> body = body();
        Token close = lexer.next();
        if (close.kind() != Kind.CLOSE) {
            throw problem(close, "'}' is missing");
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
            words.add(token.word());
        }
        return words;
    }

    private Word word(String what) {
        Token token = lexer.next();
        if (token.kind() != Kind.WORD) {
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
        while (lexer.peek().kind() == Kind.NEWLINE || lexer.peek().kind() == Kind.SEMICOLON) {
            lexer.next();
        }
    }

    private BootException unexpected(Token token) {
        return problem(token, "something is closed or opened that should not be");
    }

    private Place place(Token token) {
        return new Place(name, token.line());
    }

    private BootException problem(Token token, String what) {
        return new BootException("%s, line %d: %s".formatted(name, token.line(), what));
    }
}
