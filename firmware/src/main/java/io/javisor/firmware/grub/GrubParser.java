package io.javisor.firmware.grub;

import io.javisor.firmware.grub.GrubLexer.Kind;
import io.javisor.firmware.grub.GrubLexer.Token;
import io.javisor.firmware.grub.GrubNode.Word;
import io.javisor.firmware.image.BootException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses a script. */
final class GrubParser {
    /** What grub-mkconfig writes is four deep. */
    private static final int DEPTH_MAX = 64;

    private static final Set<String> CLOSING = Set.of("then", "elif", "else", "fi", "do", "done");

    private final String name;
    private final GrubLexer lexer;
    private int depth;

    private GrubParser(String name, GrubLexer lexer) {
        this.name = name;
        this.lexer = lexer;
    }

    /**
     * @param name the file's, for messages
     * @throws BootException in one line, if a construct is not closed or nothing to open it is there
     */
    static List<GrubNode> parse(String name, String text) {
        GrubParser parser = new GrubParser(name, new GrubLexer(text));
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
        while (true) {
            Token token = lexer.peek();
            switch (token.kind()) {
                case SEPARATOR -> lexer.next();
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
                    nodes.add(node(token));
                }
            }
        }
    }

    private GrubNode node(Token first) {
        if (first.is("if")) {
            lexer.next();
            return conditional(first.line());
        }
        if (first.is("while") || first.is("until")) {
            lexer.next();
            List<GrubNode> condition = list();
            return new GrubNode.While(first.line(), first.is("until"), condition, loopBody());
        }
        if (first.is("for")) {
            lexer.next();
            Word variable = word("a variable");
            expect("in");
            return new GrubNode.For(first.line(), variable, words(), loopBody());
        }
        if (first.is("function")) {
            lexer.next();
            Word functionName = word("a name");
            skipSeparators();
            return new GrubNode.Function(first.line(), functionName, block());
        }
        List<Word> words = words();
        return lexer.peek().kind() == Kind.OPEN
                ? new GrubNode.Block(first.line(), words, block())
                : new GrubNode.Command(first.line(), words);
    }

    /** Behind {@code if} or {@code elif}. */
    private GrubNode conditional(int line) {
        List<GrubNode> condition = list();
        expect("then");
        List<GrubNode> then = list();
        Token token = lexer.next();
        if (token.is("elif")) {
            if (++depth > DEPTH_MAX) {
                throw problem(token, "it has more than %d cases".formatted(DEPTH_MAX));
            }
            List<GrubNode> otherwise = List.of(conditional(token.line()));
            depth--;
            return new GrubNode.If(line, condition, then, otherwise);
        }
        List<GrubNode> otherwise = List.of();
        if (token.is("else")) {
            otherwise = list();
            token = lexer.next();
        }
        if (!token.is("fi")) {
            throw problem(token, "'fi' is missing");
        }
        return new GrubNode.If(line, condition, then, otherwise);
    }

    private List<GrubNode> loopBody() {
        skipSeparators();
        expect("do");
        List<GrubNode> body = list();
        expect("done");
        return body;
    }

    private List<GrubNode> block() {
        Token open = lexer.next();
        if (open.kind() != Kind.OPEN) {
            throw problem(open, "'{' is missing");
        }
        List<GrubNode> body = list();
        Token close = lexer.next();
        if (close.kind() != Kind.CLOSE) {
            throw problem(close, "'}' is missing");
        }
        return body;
    }

    private List<Word> words() {
        List<Word> words = new ArrayList<>();
        while (lexer.peek().kind() == Kind.WORD) {
            words.add(lexer.next().word());
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
        while (lexer.peek().kind() == Kind.SEPARATOR) {
            lexer.next();
        }
    }

    private BootException unexpected(Token token) {
        return problem(token, "something is closed or opened that should not be");
    }

    private BootException problem(Token token, String what) {
        return new BootException("%s, line %d: %s".formatted(name, token.line(), what));
    }
}
