namespace Cria.Data.Parquet;

/// <summary>One element of a schema as it stands in a file's footer: elements come in the order of a walk through the tree, each with the number of its children.</summary>
internal sealed record SchemaElement(string Name, ParquetType? Type, int Width, int Repetition, int Children, bool IsList)
{
    private const int Optional = 1, Repeated = 2, ListInOldFiles = 3;
    private const int MostElements = 10_000, Deepest = 24;

    public static SchemaElement Read(ref ThriftReader thrift)
    {
        var (name, type, width, repetition, children, isList) = ("", (ParquetType?)null, 0, 0, 0, false);
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            switch (id)
            {
                case 1:
                    type = thrift.Number() is >= 0 and <= (long)ParquetType.FixedBytes and var known ? (ParquetType)known : throw new InvalidDataException("a column's type is unknown");
                    break;
                case 2:
                    width = thrift.Count();
                    break;
                case 3:
                    repetition = thrift.Count();
                    break;
                case 4:
                    name = thrift.Text();
                    break;
                case 5:
                    children = thrift.Count();
                    break;
                case 6:
                    isList |= thrift.Number() == ListInOldFiles;
                    break;
                case 10:
                    isList |= IsListUnion(ref thrift);
                    break;
                default:
                    thrift.Skip(kind);
                    break;
            }
        }
        return new(name, type, width, repetition, children, isList);
    }

    /// <summary>The tree of a list of elements, the first of which is its root.</summary>
    public static ParquetNode Tree(IReadOnlyList<SchemaElement> elements)
    {
        int next = 0;
        if (elements.Count is 0 or > MostElements)
            throw new InvalidDataException($"the schema has {elements.Count} elements");
        var root = Node(elements, ref next, definition: 0, repetition: 0, depth: 0);
        return next == elements.Count && root.Children.Count > 0 ? root : throw new InvalidDataException("the schema is no tree");
    }

    private static ParquetNode Node(IReadOnlyList<SchemaElement> elements, ref int next, int definition, int repetition, int depth)
    {
        if (next >= elements.Count || depth > Deepest)
            throw new InvalidDataException(depth > Deepest ? "the schema is nested too deep" : "the schema is no tree");
        var element = elements[next++];
        bool isRoot = depth == 0;
        definition += !isRoot && element.Repetition is Optional or Repeated ? 1 : 0;
        repetition += !isRoot && element.Repetition == Repeated ? 1 : 0;
        var children = new List<ParquetNode>();
        for (int i = 0; i < element.Children; i++)
            children.Add(Node(elements, ref next, definition, repetition, depth + 1));
        if (children.Count == 0 && element.Type is null)
            throw new InvalidDataException($"the column '{element.Name}' has no type");
        return new ParquetNode
        {
            Name = element.Name,
            IsOptional = element.Repetition == Optional,
            IsRepeated = element.Repetition == Repeated && !isRoot,
            IsList = element.IsList && children is [{ IsRepeated: true }],
            Type = element.Type ?? default,
            Width = element.Width,
            Definition = definition,
            Repetition = repetition,
            Children = children,
        };
    }

    // LogicalType is a union; its third member is LIST.
    private static bool IsListUnion(ref ThriftReader thrift)
    {
        bool isList = false;
        for (int id = 0; thrift.Field(ref id, out byte kind);)
        {
            isList |= id == 3;
            thrift.Skip(kind);
        }
        return isList;
    }
}
